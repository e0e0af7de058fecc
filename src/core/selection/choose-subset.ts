/** @file Takes candidates in their order until the budget is used up, while no class and no group is passed over. */
import { assert } from '../base/assert.ts';
import { shareBudget } from './share-budget.ts';

export interface Candidates {
  /** Class index of each candidate, from 0. */
  readonly classes: ArrayLike<number>;
  /** What the budget is shared out among: index per candidate, from 0; all zero where it is not shared out. */
  readonly groups: ArrayLike<number>;
}

/**
 * The chosen candidates, in the order given (`order` holds each candidate once). Every class first gets its `leastPerClass` best,
 * or all it has: training needs some of each, and a subset without a class measures nothing but that. The rest of `total` is
 * shared out equally among the groups (`shareBudget`). More than `total` are chosen only where the least of the classes is more.
 */
export function chooseSubset(
  order: ArrayLike<number>,
  { classes, groups }: Candidates,
  total: number,
  leastPerClass: number,
): Uint32Array {
  assert(total <= order.length, 'a subset cannot hold more than there is');
  const groupCount = 1 + largest(groups);
  const isTaken = new Uint8Array(order.length);
  const ofClass = new Uint32Array(1 + largest(classes));
  const minimums = new Array<number>(groupCount).fill(0);
  const capacities = new Array<number>(groupCount).fill(0);
  for (const candidate of Array.from(order)) {
    const group = groups[candidate]!;
    capacities[group]!++;
    if (ofClass[classes[candidate]!]! >= leastPerClass) continue;
    ofClass[classes[candidate]!]!++;
    isTaken[candidate] = 1;
    minimums[group]!++;
  }
  const least = minimums.reduce((sum, value) => sum + value, 0);
  const quotas = shareBudget(capacities, Math.max(total, least), minimums);
  const room = quotas.map((quota, group) => quota - minimums[group]!);
  return Uint32Array.from(order).filter((candidate) => {
    if (isTaken[candidate] === 1) return true;
    return room[groups[candidate]!]!-- > 0;
  });
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < values.length; index++) most = Math.max(most, values[index]!);
  return most;
}
