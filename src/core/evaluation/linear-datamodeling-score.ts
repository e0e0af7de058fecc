/** @file LDS: how well the sum of a subset's scores ranks what models trained on that subset really do (METHODS §1.4). */
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { deviation, mean, spearman } from '../linalg/ranks.ts';
import { column, makeMatrix, type Matrix, type Matrix64 } from '../linalg/matrix.ts';
import type { MatrixEngine } from '../linalg/matrix-engine.ts';
import { ResampledCorrelation } from './resampled-correlation.ts';
import { SubsetSums } from './subset-sums.ts';

export interface LinearDatamodelingScore {
  /** Mean over queries of the Spearman correlation over subsets. */
  readonly score: number;
  readonly perQuery: Float64Array;
  /** Queries whose correlation is not defined (a constant column); left out of the mean. */
  readonly dropped: number;
}

/** ŷ[m, j] = Σ_{i ∈ S_m} A[j, i], [subsets, queries]. `scores` [queries, train]: positive helps. */
export async function predictSubsetOutputs(
  scores: Matrix,
  masks: readonly Uint8Array[],
  engine: MatrixEngine,
): Promise<Matrix64> {
  const subsets = new SubsetSums(masks, scores.rows, engine);
  await subsets.add(scores, { query: 0, image: 0 });
  return subsets.sums;
}

/**
 * LDS of predicted against measured goodness, both [subsets, queries]. Measured goodness rises when the model gets
 * better at the query: a margin or a negative loss.
 */
export function linearDatamodelingScore(predicted: Matrix, measured: Matrix): LinearDatamodelingScore {
  assert(
    predicted.rows === measured.rows && predicted.columns === measured.columns,
    'predicted ≠ measured size',
  );
  const perQuery = Float64Array.from({ length: measured.columns }, (_, query) =>
    spearman(column(predicted, query), column(measured, query)),
  );
  const defined = perQuery.filter((value) => !Number.isNaN(value));
  return { score: mean(defined), perQuery, dropped: perQuery.length - defined.length };
}

/** Standard deviation of the LDS over bootstrap resamples of the subsets: queries share subsets, so these are resampled. */
export function bootstrapDeviation(
  predicted: Matrix,
  measured: Matrix,
  resamples: number,
  seed: number,
): number {
  const own = new ResampledCorrelation(predicted, measured);
  return spreadOver(measured.rows, resamples, seed, (counts) => own.mean(counts));
}

/** Standard deviation of the difference of two LDS over the same resamples: what both have in common in the measurements cancels. */
export function bootstrapLeadDeviation(
  predicted: Matrix,
  reference: Matrix,
  measured: Matrix,
  resamples: number,
  seed: number,
): number {
  const own = new ResampledCorrelation(predicted, measured);
  const other = new ResampledCorrelation(reference, measured);
  return spreadOver(measured.rows, resamples, seed, (counts) => own.mean(counts) - other.mean(counts));
}

/** Standard deviation of what is computed from how often each subset occurs in a resample. */
function spreadOver(
  subsetCount: number,
  resamples: number,
  seed: number,
  valueOf: (counts: Uint32Array) => number,
): number {
  const random = new Random(seed, 'lds bootstrap');
  const values = Array.from({ length: resamples }, () => {
    const counts = new Uint32Array(subsetCount);
    for (let draw = 0; draw < subsetCount; draw++) counts[random.integer(subsetCount)]!++;
    return valueOf(counts);
  });
  return deviation(values.filter((value) => !Number.isNaN(value)));
}

/**
 * The LDS a perfect predictor would reach on these measurements, one [subsets, queries] for each of R ≥ 2 sets of training seeds. The mean
 * correlation r between two of them is the reliability of one; Spearman–Brown, Rr/(1 + (R − 1)r), that of their average;
 * its root the highest correlation with the truth.
 */
export function noiseCeiling(repeats: readonly Matrix[]): number {
  assert(repeats.length >= 2, 'a ceiling needs measurements that were repeated');
  const pairs = repeats.flatMap((first, index) =>
    repeats.slice(index + 1).map((second) => linearDatamodelingScore(first, second).score),
  );
  return ceilingFrom(mean(pairs), repeats.length);
}

/** From the mean correlation between two of R repeats: the highest that anything can have with their average. */
export function ceilingFrom(between: number, repeats: number): number {
  const reliability = Math.max(0, between);
  return Math.sqrt((repeats * reliability) / (1 + (repeats - 1) * reliability));
}

/** LDS of scores whose training samples were shuffled: what chance gives, drawn several times. */
export async function shuffledNull(
  scores: Matrix,
  masks: readonly Uint8Array[],
  measured: Matrix,
  draws: number,
  seed: number,
  engine: MatrixEngine,
): Promise<{ readonly mean: number; readonly deviation: number }> {
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const predicted = await predictSubsetOutputs(scores, shuffleMasks(masks, draw, seed), engine);
    values.push(linearDatamodelingScore(predicted, measured).score);
  }
  return { mean: mean(values), deviation: deviation(values) };
}

/** The same subsets of training images that have changed places: shuffling the images of the scores instead comes to the same. */
export function shuffleMasks(masks: readonly Uint8Array[], draw: number, seed: number): Uint8Array[] {
  const order = new Random(seed, `lds null ${draw}`).permutation(masks[0]!.length);
  return masks.map((mask) => Uint8Array.from(order, (sample) => mask[sample]!));
}

/** Mean over models of measured outputs, each [subsets, queries]. */
export function averageOutputs(outputs: readonly Matrix[]): Matrix64 {
  const first = outputs[0];
  assert(first !== undefined, 'there are no outputs to average');
  const data = new Float64Array(first.data.length);
  for (const output of outputs) {
    for (let index = 0; index < data.length; index++) data[index]! += output.data[index]! / outputs.length;
  }
  return makeMatrix(first.rows, first.columns, data);
}
