/** @file What leaving something out changes, from the outputs of the perturbed model and of the control. */
import { goodnessOf } from '../../core/evaluation/measured-outputs.ts';
import type { PerturbationEffect } from '../../contract/datamodels-service.ts';
import type { ClassId } from '../../contract/vocabulary.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { indexOfLargest } from '../training/predict.ts';
import type { LeftOut } from './choose-masks.ts';

/** Images whose loss rises most that are kept of each. */
const MOST_HURT = 24;

/** Of each image that is asked about. */
interface Outcome {
  readonly right: Uint8Array;
  readonly losses: Float64Array;
}

export function outcomeOf(logits: Float32Array, queries: readonly LabelledRow[]): Outcome {
  const classes = queries.map(({ classIndex }) => classIndex);
  const width = logits.length / queries.length;
  return {
    losses: goodnessOf(logits, classes, 'loss').map((goodness) => -goodness),
    right: Uint8Array.from(classes, (own, query) =>
      indexOfLargest(logits.subarray(query * width, (query + 1) * width)) === own ? 1 : 0,
    ),
  };
}

export function accuracyOf({ right }: Outcome): number {
  return right.reduce((sum, one) => sum + one, 0) / right.length;
}

export function effectOf(
  leftOut: LeftOut,
  perturbed: Outcome,
  control: Outcome,
  queries: readonly LabelledRow[],
  classIds: readonly ClassId[],
): PerturbationEffect {
  const changes = Float64Array.from(perturbed.losses, (loss, query) => loss - control.losses[query]!);
  const over = (places: readonly number[]) => ({
    accuracyChange: meanOf(places, (query) => perturbed.right[query]! - control.right[query]!),
    lossChange: meanOf(places, (query) => changes[query]!),
  });
  const byClass = Map.groupBy(queries.keys(), (query) => queries[query]!.classIndex);
  const hurt = [...queries.keys()].sort((a, b) => changes[b]! - changes[a]!).slice(0, MOST_HURT);
  return {
    ...leftOut,
    ...over([...queries.keys()]),
    classes: [...byClass]
      .sort(([a], [b]) => a - b)
      .map(([classIndex, places]) => ({ classId: classIds[classIndex]!, ...over(places) })),
    mostHurt: hurt.map((query) => ({ sampleId: queries[query]!.sampleId, lossChange: changes[query]! })),
  };
}

function meanOf(places: readonly number[], value: (place: number) => number): number {
  return places.reduce((sum, place) => sum + value(place), 0) / places.length;
}
