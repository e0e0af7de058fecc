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

/**
 * Standard error of an area under the ROC curve, from the numbers of positives and negatives (Hanley, McNeil, "The meaning and use of the
 * area under a receiver operating characteristic curve", Radiology 1982, with exponential score distributions).
 */
export function areaDeviation(area: number, positiveCount: number, negativeCount: number): number {
  const ofPositives = area / (2 - area) - area ** 2;
  const ofNegatives = (2 * area ** 2) / (1 + area) - area ** 2;
  const variance = area * (1 - area) + (positiveCount - 1) * ofPositives + (negativeCount - 1) * ofNegatives;
  return Math.sqrt(variance / (positiveCount * negativeCount));
}

/** The deviation of the area under the ROC curve of scores that know nothing. */
export function chanceDeviation(positiveCount: number, negativeCount: number): number {
  return Math.sqrt((positiveCount + negativeCount + 1) / (12 * positiveCount * negativeCount));
}

/** Share of all positives that is found after looking at this share of the samples, the highest scores first. */
export function foundAfter(scores: Numbers, positives: ArrayLike<boolean | number>, share: number): number {
  const count = Math.round(share * scores.length);
  if (count === 0) return 0;
  return (precisionAt(scores, positives, count) * count) / countOf(positives);
}

function countOf(positives: ArrayLike<boolean | number>): number {
  let count = 0;
  for (let index = 0; index < positives.length; index++) if (positives[index]) count++;
  return count;
}
