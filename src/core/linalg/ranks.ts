/** @file Ranks with ties shared, and the correlations built on them. */
import { assert } from '../base/assert.ts';

export type Numbers = Float64Array | Float32Array | readonly number[];

/** Indices in rising order of value; equal values keep their index order. NaN is not allowed. */
export function ascendingOrder(values: Numbers): Uint32Array {
  const order = new Uint32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    assert(!Number.isNaN(values[index]!), 'NaN has no rank');
    order[index] = index;
  }
  return order.sort((a, b) => compare(values[a]!, values[b]!) || a - b);
}

/** Not a subtraction, which would make NaN of two equal infinities. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Ranks from 1 up, rising with the value; equal values share the mean of their ranks. */
export function midRanks(values: Numbers): Float64Array {
  const order = ascendingOrder(values);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let place = from; place < to; place++) ranks[order[place]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

/** Ranks scaled to 0…1: 0 for the lowest, 1 for the highest, ½ for all where all are equal. */
export function rankPercentiles(values: Numbers): Float64Array {
  if (values.length < 2) return new Float64Array(values.length).fill(0.5);
  return midRanks(values).map((rank) => (rank - 1) / (values.length - 1));
}

/** Pearson correlation; NaN where one side is constant. */
export function pearson(a: Numbers, b: Numbers): number {
  assert(a.length === b.length, 'a correlation needs pairs');
  const meanOfA = mean(a);
  const meanOfB = mean(b);
  let covariance = 0;
  let varianceOfA = 0;
  let varianceOfB = 0;
  for (let index = 0; index < a.length; index++) {
    const da = a[index]! - meanOfA;
    const db = b[index]! - meanOfB;
    covariance += da * db;
    varianceOfA += da * da;
    varianceOfB += db * db;
  }
  if (varianceOfA === 0 || varianceOfB === 0) return NaN;
  return covariance / Math.sqrt(varianceOfA) / Math.sqrt(varianceOfB);
}

/** Spearman correlation with mid-ranks for ties; NaN where one side is constant. */
export function spearman(a: Numbers, b: Numbers): number {
  return pearson(midRanks(a), midRanks(b));
}

export function mean(values: Numbers): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}

/** Standard deviation with n − 1 below; 0 for fewer than two values. */
export function deviation(values: Numbers): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (values[index]! - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/** The value below which this share of the values lies, with a straight line between neighbours; of ½ the median. `values`: one at least. */
export function quantile(values: Numbers, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
