/** @file How far values lie from the middle of their set, by measures that a few strange ones do not move. */
import { quantile } from '../../linalg/ranks.ts';

/** The median absolute deviation of a normal distribution with deviation 1. */
const NORMAL_MEDIAN_DEVIATION = 0.6745;

/**
 * Distance from the median in robust deviations, with its sign: the modified z-score of Iglewicz and Hoaglin, "How to detect and
 * handle outliers" (1993). NaN stays NaN; all 0 where half of the values are equal.
 */
export function robustDeviations(values: Float64Array): Float64Array {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return values.slice();
  const median = quantile(known, 0.5);
  const spread = quantile(
    known.map((value) => Math.abs(value - median)),
    0.5,
  );
  if (spread === 0) return values.map((value) => (Number.isNaN(value) ? NaN : 0));
  return values.map((value) => (NORMAL_MEDIAN_DEVIATION * (value - median)) / spread);
}
