/** @file How well scores foresee what leaving out single images does (METHODS §1.5). */
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import type { Matrix } from '../linalg/matrix.ts';
import { deviation, mean, pearson } from '../linalg/ranks.ts';
import { ceilingFrom } from './linear-datamodeling-score.ts';

export interface LeaveOneOutCorrelation {
  /** Mean over queries of the Pearson correlation over the samples that were left out. */
  readonly score: number;
  /** Queries whose correlation is not defined (a constant row); left out of the mean. */
  readonly dropped: number;
}

/**
 * Between score and measured effect F(all) − F(all but one), both [queries, samples]. Only where training is nearly deterministic
 * (METHODS §1.5): elsewhere the noise of training drowns what one image does, whatever the method.
 */
export function leaveOneOutCorrelation(scores: Matrix, effects: Matrix): LeaveOneOutCorrelation {
  assert(scores.rows === effects.rows && scores.columns === effects.columns, 'scores ≠ effects size');
  return correlationOver(
    Uint32Array.from({ length: scores.columns }, (_, sample) => sample),
    scores,
    effects,
  );
}

/** Standard deviation of the correlation over bootstrap resamples of the samples that were left out. */
export function leaveOneOutDeviation(
  scores: Matrix,
  effects: Matrix,
  resamples: number,
  seed: number,
): number {
  const random = new Random(seed, 'leave-one-out bootstrap');
  const draw = (): Uint32Array =>
    Uint32Array.from({ length: scores.columns }, () => random.integer(scores.columns));
  const values = Array.from({ length: resamples }, () => correlationOver(draw(), scores, effects).score);
  return deviation(values.filter((value) => !Number.isNaN(value)));
}

/** The same of the difference between the correlations of two scores: what both have in common in the measurements cancels. */
export function leaveOneOutLeadDeviation(
  scores: Matrix,
  others: Matrix,
  effects: Matrix,
  resamples: number,
  seed: number,
): number {
  const random = new Random(seed, 'leave-one-out bootstrap');
  const values = Array.from({ length: resamples }, () => {
    const samples = Uint32Array.from({ length: scores.columns }, () => random.integer(scores.columns));
    return correlationOver(samples, scores, effects).score - correlationOver(samples, others, effects).score;
  });
  return deviation(values.filter((value) => !Number.isNaN(value)));
}

/** The correlation of scores whose samples have changed places: what chance gives. */
export function leaveOneOutNull(
  scores: Matrix,
  effects: Matrix,
  draws: number,
  seed: number,
): { readonly mean: number; readonly deviation: number } {
  const values = Array.from({ length: draws }, (_, draw) => {
    const order = new Random(seed, `leave-one-out null ${draw}`).permutation(scores.columns);
    const data = scores.data.map(
      (_value, at) => scores.data[at - (at % scores.columns) + order[at % scores.columns]!]!,
    );
    return leaveOneOutCorrelation({ ...scores, data }, effects).score;
  });
  return { mean: mean(values), deviation: deviation(values) };
}

/** What a perfect predictor would reach on effects [queries, samples] that were measured twice or more (as `noiseCeiling`). */
export function leaveOneOutCeiling(repeats: readonly Matrix[]): number {
  const pairs = repeats.flatMap((first, index) =>
    repeats.slice(index + 1).map((second) => leaveOneOutCorrelation(first, second).score),
  );
  return ceilingFrom(mean(pairs), repeats.length);
}

function correlationOver(samples: Uint32Array, scores: Matrix, effects: Matrix): LeaveOneOutCorrelation {
  const perQuery = Array.from({ length: scores.rows }, (_, query) => {
    const pick = ({ data, columns }: Matrix): Float64Array =>
      Float64Array.from(samples, (sample) => data[query * columns + sample]!);
    return pearson(pick(scores), pick(effects));
  });
  const defined = perQuery.filter((value) => !Number.isNaN(value));
  return { score: mean(defined), dropped: perQuery.length - defined.length };
}
