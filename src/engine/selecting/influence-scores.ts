/** @file What each candidate adds to the margins of a target set: the sum of its influences on all targets. */
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { SelectConfig, SelectionStrategy } from '../../contract/selection-config.ts';
import type { LabelledRow, LoadedModel } from '../attributing/loaded-model.ts';
import { openAttribution } from '../attributing/attribution.ts';
import type { CandidateScores, SelectionWork } from './selection-work.ts';

/** Blocks of scores stream by: one number per candidate is kept, never the matrix. */
export async function influenceScores(work: SelectionWork): Promise<CandidateScores> {
  const { folder, model, choices, context, tools } = work;
  const targets = requireTargets('influence', model, choices.target);
  const sums = new Float64Array(model.learned.length);
  const attribution = await openAttribution(folder, model, choices, context, tools);
  try {
    for await (const { block } of attribution.scores(targets)) {
      throwIfCancelled(context.signal);
      const { rows, columns, data } = block.scores;
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          sums[block.firstRow + column]! += data[row * columns + column]!;
    }
  } finally {
    await attribution.dispose();
  }
  return { scores: sums, targets: targets.length };
}

const targetWords = {
  val: 'images of the val split',
  test: 'images of the test split',
  'held-out': 'images that the model was validated on',
} as const satisfies Record<SelectConfig['target'], string>;

/** As `targetsOf`; a strategy that there is nothing to serve for is refused. */
export function requireTargets(
  strategy: SelectionStrategy,
  model: LoadedModel,
  target: SelectConfig['target'],
): LabelledRow[] {
  const targets = targetsOf(model, target);
  if (targets.length > 0) return targets;
  throw new AppError('subset-strategy-unavailable', {
    ...{ strategy, modelId: model.id },
    reason: `there are no labelled ${targetWords[target]} whose outputs it could serve`,
  });
}

/** Labelled images of the model's classes that it did not learn from. Held out: the val split, or else what training held out. */
export function targetsOf(model: LoadedModel, target: SelectConfig['target']): LabelledRow[] {
  const split = target === 'held-out' ? 'val' : target;
  const found = rowsOf(model, (sample) => sample.split === split);
  if (found.length > 0 || target !== 'held-out') return found;
  const learned = new Set(model.learned.map(({ sampleId }) => sampleId));
  return rowsOf(model, (sample) => sample.split === 'train' && !learned.has(sample.id));
}

function rowsOf(
  { samples, classIds }: LoadedModel,
  holds: (sample: LoadedModel['samples'][number]) => boolean,
): LabelledRow[] {
  const indexOfClass = new Map(classIds.map((classId, index) => [classId, index]));
  return samples.flatMap((sample, row) => {
    const classIndex = sample.label === null ? undefined : indexOfClass.get(sample.label);
    return classIndex === undefined || !holds(sample) ? [] : [{ sampleId: sample.id, row, classIndex }];
  });
}
