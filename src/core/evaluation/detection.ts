/** @file How well a ranking finds known positives, such as planted label errors (METHODS §1.7). */
import { assert } from '../base/assert.ts';
import { midRanks, type Numbers } from '../linalg/ranks.ts';

/** P(score of a positive > score of a negative), ties counting half. NaN where there is only one kind. */
export function areaUnderRoc(scores: Numbers, positives: ArrayLike<boolean | number>): number {
  assert(scores.length === positives.length, 'one score per sample');
  const ranks = midRanks(scores);
  let rankSum = 0;
  let count = 0;
  for (let index = 0; index < ranks.length; index++) {
    if (!positives[index]) continue;
    rankSum += ranks[index]!;
    count++;
  }
  const negatives = ranks.length - count;
  if (count === 0 || negatives === 0) return NaN;
  return (rankSum - (count * (count + 1)) / 2) / (count * negatives);
}

/**
 * Share of positives among the `count` highest scores; by default as many as there are positives. Samples tied at the
 * cut count by the share of them that fits, so that the order of ties does not matter.
 */
export function precisionAt(scores: Numbers, positives: ArrayLike<boolean | number>, count?: number): number {
  assert(scores.length === positives.length, 'one score per sample');
  const depth = count ?? countOf(positives);
  if (depth === 0) return NaN;
  assert(depth <= scores.length, 'no ranking is that long');
  const cut = Float64Array.from(scores).sort()[scores.length - depth]!;
  let above = 0;
  let hitsAbove = 0;
  let tied = 0;
  let hitsTied = 0;
  for (let index = 0; index < scores.length; index++) {
    const hit = positives[index] ? 1 : 0;
    if (scores[index]! > cut) {
      above++;
      hitsAbove += hit;
    } else if (scores[index] === cut) {
      tied++;
      hitsTied += hit;
    }
  }
  return (hitsAbove + (hitsTied * (depth - above)) / tied) / depth;
}

function countOf(positives: ArrayLike<boolean | number>): number {
  let count = 0;
  for (let index = 0; index < positives.length; index++) if (positives[index]) count++;
  return count;
}
