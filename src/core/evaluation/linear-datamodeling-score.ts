/** @file LDS: how well the sum of a subset's scores ranks what models trained on that subset really do (METHODS §1.4). */
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { deviation, mean, pearson, spearman } from '../linalg/ranks.ts';
import { makeMatrix, type Matrix, type Matrix64 } from '../linalg/matrix.ts';
import type { MatrixEngine } from '../linalg/matrix-engine.ts';

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
): Promise<Matrix> {
  const stacked = new Float64Array(masks.length * scores.columns);
  for (const [subset, mask] of masks.entries()) stacked.set(mask, subset * scores.columns);
  return engine.multiply(makeMatrix(masks.length, scores.columns, stacked), scores, { transposeB: true });
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
  const subsets = Uint32Array.from({ length: measured.rows }, (_, subset) => subset);
  return scoreOver(subsets, predicted, measured);
}

/** The LDS as it would be with these subsets, repeats included. */
function scoreOver(subsets: Uint32Array, predicted: Matrix, measured: Matrix): LinearDatamodelingScore {
  const perQuery = new Float64Array(measured.columns);
  for (let query = 0; query < measured.columns; query++) {
    perQuery[query] = spearman(pick(predicted, subsets, query), pick(measured, subsets, query));
  }
  const defined = perQuery.filter((value) => !Number.isNaN(value));
  return { score: mean(defined), perQuery, dropped: perQuery.length - defined.length };
}

function pick(matrix: Matrix, subsets: Uint32Array, query: number): Float64Array {
  return Float64Array.from(subsets, (subset) => matrix.data[subset * matrix.columns + query]!);
}

/** Standard deviation of the LDS over bootstrap resamples of the subsets: queries share subsets, so these are resampled. */
export function bootstrapDeviation(
  predicted: Matrix,
  measured: Matrix,
  resamples: number,
  seed: number,
): number {
  const random = new Random(seed, 'lds bootstrap');
  const values: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    const subsets = Uint32Array.from({ length: measured.rows }, () => random.integer(measured.rows));
    values.push(scoreOver(subsets, predicted, measured).score);
  }
  return deviation(values.filter((value) => !Number.isNaN(value)));
}

/**
 * The LDS a perfect predictor would reach on these measurements. `halves`: the measured goodness averaged over two
 * disjoint sets of training seeds. Their correlation r is the reliability of one half; Spearman–Brown, 2r/(1+r), that
 * of both together; its root the highest correlation with the truth.
 */
export function noiseCeiling(halves: readonly [Matrix, Matrix]): number {
  const [first, second] = halves;
  const between = linearDatamodelingScore(first, second).score;
  return Math.sqrt(Math.max(0, (2 * between) / (1 + between)));
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
    const order = new Random(seed, `lds null ${draw}`).permutation(scores.columns);
    const shuffled = masks.map((mask) => Uint8Array.from(order, (sample) => mask[sample]!));
    values.push(
      linearDatamodelingScore(await predictSubsetOutputs(scores, shuffled, engine), measured).score,
    );
  }
  return { mean: mean(values), deviation: deviation(values) };
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

/**
 * Leave-one-out correlation: the mean over queries of the Pearson correlation, over the samples that were left out,
 * between score and measured effect, both [queries, samples]. Only where training is nearly deterministic (METHODS §1.5).
 */
export function leaveOneOutCorrelation(scores: Matrix, effects: Matrix): number {
  assert(scores.rows === effects.rows && scores.columns === effects.columns, 'scores ≠ effects size');
  const rows = Array.from({ length: scores.rows }, (_, query) => {
    const [from, to] = [query * scores.columns, (query + 1) * scores.columns];
    return pearson(scores.data.slice(from, to), effects.data.slice(from, to));
  });
  return mean(rows.filter((value) => !Number.isNaN(value)));
}
