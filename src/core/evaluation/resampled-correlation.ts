/** @file Rank correlations over resamples of the subsets: every column is sorted once, and each resample only counts. */
import { ascendingOrder } from '../linalg/ranks.ts';
import { column, type Matrix } from '../linalg/matrix.ts';

export class ResampledCorrelation {
  readonly #queries: readonly (readonly [DenseRanks, DenseRanks])[];

  /** Both [subsets, queries]. */
  constructor(predicted: Matrix, measured: Matrix) {
    this.#queries = Array.from({ length: measured.columns }, (_, query) => [
      denseRanks(column(predicted, query)),
      denseRanks(column(measured, query)),
    ]);
  }

  /** Mean over queries of the Spearman correlation when each subset occurs as often as `counts` says; NaN where no query has one. */
  mean(counts: Uint32Array): number {
    let sum = 0;
    let defined = 0;
    for (const [predicted, measured] of this.#queries) {
      const value = correlation(midRanks(predicted, counts), midRanks(measured, counts), counts);
      if (Number.isNaN(value)) continue;
      sum += value;
      defined++;
    }
    return sum / defined;
  }
}

/** Equal values have one rank, 0 for the smallest, without gaps. */
interface DenseRanks {
  readonly ranks: Uint32Array;
  readonly count: number;
}

function denseRanks(values: Float64Array): DenseRanks {
  const order = ascendingOrder(values);
  const ranks = new Uint32Array(values.length);
  let rank = 0;
  for (let place = 1; place < order.length; place++) {
    if (values[order[place]!] !== values[order[place - 1]!]) rank++;
    ranks[order[place]!] = rank;
  }
  return { ranks, count: rank + 1 };
}

/** Ranks from 1 up over the resample; what ties shares the mean of its ranks, and a subset that occurs twice ties with itself. */
function midRanks({ ranks, count }: DenseRanks, counts: Uint32Array): Float64Array {
  const weights = new Float64Array(count);
  for (let subset = 0; subset < ranks.length; subset++) weights[ranks[subset]!]! += counts[subset]!;
  let below = 0;
  for (let rank = 0; rank < count; rank++) {
    const weight = weights[rank]!;
    weights[rank] = below + (weight + 1) / 2;
    below += weight;
  }
  return Float64Array.from(ranks, (rank) => weights[rank]!);
}

/** Pearson correlation of ranks 1…n, of which each occurs `counts` times; NaN where one side is constant. */
function correlation(a: Float64Array, b: Float64Array, counts: Uint32Array): number {
  const centre = (counts.reduce((sum, count) => sum + count, 0) + 1) / 2;
  let covariance = 0;
  let varianceOfA = 0;
  let varianceOfB = 0;
  for (let subset = 0; subset < counts.length; subset++) {
    const [da, db] = [a[subset]! - centre, b[subset]! - centre];
    covariance += counts[subset]! * da * db;
    varianceOfA += counts[subset]! * da * da;
    varianceOfB += counts[subset]! * db * db;
  }
  return varianceOfA === 0 || varianceOfB === 0 ? NaN : covariance / Math.sqrt(varianceOfA * varianceOfB);
}
