/** @file How many training rows groups have in common. */
import { zeros64, type Matrix64 } from '../../linalg/matrix.ts';
import type { GroupMembers } from './aggregate-scores.ts';

/** [G, G]: members that both groups have; on the diagonal the groups' sizes. */
export function overlapCounts(groups: GroupMembers): Matrix64 {
  const counts = zeros64(groups.length, groups.length);
  for (const [a, members] of groups.entries()) {
    const own = new Set(Array.from(members));
    for (const [b, others] of groups.entries())
      counts.data[a * groups.length + b] = Array.from(others).filter((row) => own.has(row)).length;
  }
  return counts;
}
