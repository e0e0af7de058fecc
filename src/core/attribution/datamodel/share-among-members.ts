/** @file A cluster's score handed down to its images, so that theirs add up to it (METHODS §4.4, a reconstruction). */

/**
 * The score of each member: in proportion to max(0, likeness), equally where no member is like the cluster. They sum to `score` exactly up to
 * rounding, whatever the likenesses are.
 */
export function shareAmongMembers(score: number, likenesses: ArrayLike<number>): Float64Array {
  const weights = Float64Array.from(likenesses, (likeness) => Math.max(0, likeness));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return weights.fill(score / weights.length);
  return weights.map((weight) => (score * weight) / total);
}
