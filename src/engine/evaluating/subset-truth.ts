/** @file What models that learned random subsets really do with the queries: one ground truth for all methods. */
import { drawSubsetMasks } from '../../core/evaluation/subset-masks.ts';
import { goodnessOf, type MeasuredOutput } from '../../core/evaluation/measured-outputs.ts';
import { zeros64, type Matrix64 } from '../../core/linalg/matrix.ts';
import type { LabelledRow, LoadedModel } from '../attributing/loaded-model.ts';
import type { RunContext } from '../runs/run-context.ts';
import { retrainAndPredict, type RetrainWork } from './retrain.ts';

export interface SubsetPlan {
  readonly subsets: number;
  /** α: share of the learned images in each subset. */
  readonly share: number;
  /** Trainings of each subset. */
  readonly repeats: number;
  readonly seed: number;
}

export interface SubsetTruth {
  /** Per subset, 1 where one of `model.learned` is in it. All subsets have one size and keep the share of every class. */
  readonly masks: readonly Uint8Array[];
  /** Goodness [subsets, queries], one matrix per repeat. */
  readonly repeats: Readonly<Record<MeasuredOutput, readonly Matrix64[]>>;
}

/** Trains on the subsets what has not been trained before; reports the fraction of this work alone. */
export async function measureSubsets(
  work: RetrainWork,
  plan: SubsetPlan,
  queries: readonly LabelledRow[],
  { progress }: Pick<RunContext, 'progress'>,
): Promise<SubsetTruth> {
  const { learned } = work.model;
  const masks = drawMasks(work.model, plan);
  const rows = Int32Array.from(queries, (query) => query.row);
  const classes = queries.map((query) => query.classIndex);
  const empty = (): Matrix64[] =>
    Array.from({ length: plan.repeats }, () => zeros64(masks.length, queries.length));
  const repeats = { margin: empty(), loss: empty() };
  for (const [subset, mask] of masks.entries()) {
    for (let repeat = 0; repeat < plan.repeats; repeat++) {
      const done = (subset * plan.repeats + repeat) / (masks.length * plan.repeats);
      const stage =
        `Training subset ${subset + 1} of ${masks.length}` +
        (plan.repeats === 1 ? '' : `, ${repeat + 1} of ${plan.repeats}`);
      progress(stage, done);
      const retraining = {
        rows: Int32Array.from(learned, (row) => row.row).filter((_, place) => mask[place] === 1),
        stream: `subset ${subset}, repeat ${repeat}`,
        onProgress: (fraction: number) => progress(stage, done + fraction / (masks.length * plan.repeats)),
      };
      const logits = await retrainAndPredict(work, retraining, rows);
      for (const measured of ['margin', 'loss'] as const)
        repeats[measured][repeat]!.data.set(goodnessOf(logits, classes, measured), subset * queries.length);
    }
  }
  return { masks, repeats };
}

function drawMasks({ learned }: LoadedModel, { subsets, share, seed }: SubsetPlan): Uint8Array[] {
  return drawSubsetMasks({
    sampleCount: learned.length,
    subsetCount: subsets,
    share,
    seed,
    strata: learned.map((row) => row.classIndex),
  });
}
