/** @file The random training subsets of a linear datamodeling study. */
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { apportion } from '../linalg/apportion.ts';

export interface SubsetPlan {
  readonly sampleCount: number;
  readonly subsetCount: number;
  /** α: share of the samples in each subset. */
  readonly share: number;
  readonly seed: number;
  /** Class of each sample: every subset then keeps the share within each class. */
  readonly strata?: ArrayLike<number>;
}

/**
 * One mask of 0 and 1 per subset, all of one size: with fixed sizes the score of a method does not change when a
 * constant is added to its scores (METHODS §1.4). Subset m has its own named seed, so more subsets keep the first ones.
 */
export function drawSubsetMasks(plan: SubsetPlan): Uint8Array[] {
  assert(plan.share > 0 && plan.share < 1, 'a subset holds some samples and not all');
  const strata = groupByStratum(plan);
  const sizes = apportion(
    strata.map((members) => members.length * plan.share),
    Math.round(plan.sampleCount * plan.share),
  );
  return Array.from({ length: plan.subsetCount }, (_, subset) => {
    const random = new Random(plan.seed, `subset ${subset}`);
    const mask = new Uint8Array(plan.sampleCount);
    for (const [index, members] of strata.entries()) {
      const drawn = random.shuffle(members.slice()).slice(0, sizes[index]);
      for (const sample of drawn) mask[sample] = 1;
    }
    return mask;
  });
}

function groupByStratum(plan: SubsetPlan): number[][] {
  const groups = new Map<number, number[]>();
  for (let sample = 0; sample < plan.sampleCount; sample++) {
    const stratum = plan.strata?.[sample] ?? 0;
    const members = groups.get(stratum);
    if (members === undefined) groups.set(stratum, [sample]);
    else members.push(sample);
  }
  return [...groups.values()];
}
