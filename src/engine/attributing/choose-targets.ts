/** @file Which images an attribution explains, and of which class's output: the label, or the model's guess where there is none. */
import type { Executor } from '../../core/execution/executor.ts';
import type { AttributeConfig } from '../../contract/runs-service.ts';
import { indexOfLargest, predictRows } from '../training/predict.ts';
import type { LabelledRow, LoadedModel } from './loaded-model.ts';

/** By sample id. */
export async function chooseTargets(
  model: LoadedModel,
  targets: AttributeConfig['targets'],
  executor: Executor,
  signal: AbortSignal,
): Promise<LabelledRow[]> {
  const indexOfClass = new Map(model.classIds.map((classId, index) => [classId, index]));
  const wanted = model.samples.flatMap((sample, row) =>
    targets === 'all' || sample.split === targets ? [{ sample, row }] : [],
  );
  const indexOf = ({ sample }: (typeof wanted)[number]): number | undefined =>
    sample.label === null ? undefined : indexOfClass.get(sample.label);
  const guessed = await guessClasses(
    model,
    wanted.filter((target) => indexOf(target) === undefined).map((target) => target.row),
    executor,
    signal,
  );
  return wanted.map((target) => ({
    sampleId: target.sample.id,
    row: target.row,
    classIndex: indexOf(target) ?? guessed.get(target.row)!,
  }));
}

async function guessClasses(
  model: LoadedModel,
  rows: readonly number[],
  executor: Executor,
  signal: AbortSignal,
): Promise<Map<number, number>> {
  const { classifier, parameters, pixels, normalization } = model;
  const request = { classifier, parameters, pixels, normalization, rows: Int32Array.from(rows), signal };
  const { logits } = await predictRows(executor, request);
  const classCount = classifier.outputCount;
  return new Map(
    rows.map((row, place) => [
      row,
      indexOfLargest(logits.subarray(place * classCount, (place + 1) * classCount)),
    ]),
  );
}
