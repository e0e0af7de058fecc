/**
 * @file Whether a group does more to a query than random groups of its size do. The null hypothesis of a group: it is one more random group. Removing any
 * images changes a model, and large groups change it more, so a score says little until it stands beside its controls.
 */
import { assert } from '../../base/assert.ts';
import { Random } from '../../base/random.ts';
import { deviation, mean, quantile } from '../../linalg/ranks.ts';
import { studentTail } from '../../linalg/student-tail.ts';

/** The band of the controls: from their 5th to their 95th percentile. */
const BAND = [0.05, 0.95] as const;
/** The chance of calling any group of a query outstanding where none is. */
const LEVEL = 0.05;
/** With fewer, nothing is known of how much normal controls differ. */
const FEWEST_NORMAL = 3;

/**
 * How p-values come about. ranks: from the score's rank among the controls, with no assumption, but none is below 1/(1 + C). normal: from Student's t of
 * one more draw from the normal distribution that the controls are taken to come from, for controls that cost too much to have hundreds.
 */
export type NullDistribution = 'ranks' | 'normal';

export interface ControlOptions {
  readonly level?: number;
  readonly nullDistribution?: NullDistribution;
}

export interface ControlledScore {
  readonly score: number;
  /** Share of the controls that score lower, equal ones counted half; 0 … 1. */
  readonly percentile: number;
  /**
   * One-sided. By ranks (1 + controls that score as high or higher) / (1 + controls), which is exact for one group (Phipson & Smyth 2010); of normal
   * controls with mean m and deviation s the tail of t = (score − m) / (s·√(1 + 1/C)) with C − 1 degrees of freedom.
   */
  readonly pValue: number;
  /** After Holm's correction over the query's groups, which holds however they depend on each other. */
  readonly adjustedPValue: number;
  readonly control: ControlBand;
  /** stands-out: the adjusted p-value is at most the level. */
  readonly verdict: 'stands-out' | 'within-controls';
  /**
   * max(0, score − m) / Σ max(0, score) with m = max(0, median of the controls) and the sum over the query's groups: the part of all positive
   * score that this group has beyond a random one of its size. 0 … 1.
   */
  readonly share: number;
}

export interface ControlBand {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export interface ControlledQuery {
  readonly groups: readonly ControlledScore[];
  /**
   * diffuse: no group stands out. undecided: none could, with so few controls (see `controlsNeeded`), so that nothing can be said.
   */
  readonly verdict: 'attributed' | 'diffuse' | 'undecided';
  /** 1 − the sum of the shares: what any images would do as well. Shares are not made to fill the whole; where no score is positive, it is 1. */
  readonly remainder: number;
}

/**
 * A query's groups against controls of their size: `scores` [G], `controls` for each group [C], computed just as the scores were, with the same
 * aggregation and the same division by size.
 */
export function judgeByControls(
  scores: ArrayLike<number>,
  controls: readonly Float64Array[],
  { level = LEVEL, nullDistribution = 'ranks' }: ControlOptions = {},
): ControlledQuery {
  assert(scores.length === controls.length, 'every group has controls');
  const pValues = controls.map((own, group) => pValueOf[nullDistribution](scores[group]!, own));
  const adjusted = holm(pValues);
  const total = Array.from(scores).reduce((sum, score) => sum + Math.max(0, score), 0);
  const groups = controls.map((own, group): ControlledScore => {
    const score = scores[group]!;
    const control = bandOf(own);
    const excess = Math.max(0, score - Math.max(0, control.median));
    return {
      score,
      percentile: percentileAmong(own, score),
      pValue: pValues[group]!,
      adjustedPValue: adjusted[group]!,
      control,
      verdict: adjusted[group]! <= level ? 'stands-out' : 'within-controls',
      share: total === 0 ? 0 : excess / total,
    };
  });
  const remainder = 1 - groups.reduce((sum, { share }) => sum + share, 0);
  const needed = nullDistribution === 'normal' ? FEWEST_NORMAL : controlsNeeded(groups.length, level);
  const isDecidable = controls.every((own) => own.length >= needed);
  // Rounding alone can bring the remainder below zero: an excess is never more than the positive score.
  return { groups, verdict: verdictOf(groups, isDecidable), remainder: Math.max(0, remainder) };
}

/** With how many controls per group one of G groups can stand out by ranks: p-values end at 1/(1 + C), and Holm's first is multiplied by G. */
export function controlsNeeded(groupCount: number, level = LEVEL): number {
  return Math.ceil(groupCount / level) - 1;
}

/**
 * For each size `count` random groups of so many of the training rows, each in rising order. They are drawn from all rows alike: a group's own members
 * come in as often as any others. Control c of every size starts from the same permutation, so groups of one size share their controls, and a
 * smaller control is part of a larger one.
 */
export function drawRandomGroups(
  sizes: readonly number[],
  rowCount: number,
  count: number,
  seed: number,
): Int32Array[][] {
  const permutations = Array.from({ length: count }, (_, control) =>
    new Random(seed, `control group ${control}`).permutation(rowCount),
  );
  return sizes.map((size) => {
    assert(size <= rowCount, 'a group is not larger than the training set');
    return permutations.map((permutation) => permutation.slice(0, size).sort());
  });
}

const pValueOf: Readonly<Record<NullDistribution, (score: number, controls: Float64Array) => number>> = {
  ranks: (score, controls) => {
    let reaching = 0;
    for (const control of controls) if (control >= score) reaching++;
    return (1 + reaching) / (1 + controls.length);
  },
  normal: (score, controls) => {
    if (controls.length < FEWEST_NORMAL) return 1;
    const distance = score - mean(controls);
    const spread = deviation(controls) * Math.sqrt(1 + 1 / controls.length);
    if (spread === 0) return distance > 0 ? 0 : 1;
    return studentTail(distance / spread, controls.length - 1);
  },
};

/** Holm 1979: the k-th smallest of G times (G − k + 1), never below the one before it, at most 1. */
function holm(pValues: readonly number[]): Float64Array {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Float64Array(pValues.length);
  let largest = 0;
  for (const [place, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, pValues[index]! * (pValues.length - place)));
    adjusted[index] = largest;
  }
  return adjusted;
}

function percentileAmong(controls: Float64Array, score: number): number {
  let below = 0;
  for (const control of controls) below += control < score ? 1 : control === score ? 0.5 : 0;
  return below / controls.length;
}

function bandOf(controls: Float64Array): ControlBand {
  assert(controls.length > 0, 'a group has controls');
  const [low, high] = BAND;
  return { low: quantile(controls, low), median: quantile(controls, 0.5), high: quantile(controls, high) };
}

function verdictOf(groups: readonly ControlledScore[], isDecidable: boolean): ControlledQuery['verdict'] {
  if (groups.some(({ verdict }) => verdict === 'stands-out')) return 'attributed';
  return isDecidable ? 'diffuse' : 'undecided';
}
