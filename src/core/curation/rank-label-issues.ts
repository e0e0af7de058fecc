/** @file One ranking out of several signals: the weighted mean of rank percentiles, and how each signal is turned. */
import { assert } from '../base/assert.ts';
import { ascendingOrder, rankPercentiles, type Numbers } from '../linalg/ranks.ts';

interface SignalMeaning {
  readonly suspicious: 'low' | 'high';
  readonly weight: number;
  /** For a person: what a suspicious value says. */
  readonly title: string;
}

/**
 * Which end of a signal is suspicious, and how much it counts. The weights are measured on planted uniform noise
 * (docs/methods/confident-learning.md): self-confidence and neighbours each find nearly all of it and err differently;
 * the margin adds little there but answers for confused pairs of classes; self-influence also marks rare images.
 */
export const labelSignals = {
  'self-confidence': {
    suspicious: 'low',
    weight: 1,
    title: 'The given label is improbable, out of sample',
  },
  'neighbour-disagreement': {
    suspicious: 'high',
    weight: 1,
    title: 'Similar images carry other labels',
  },
  'normalized-margin': {
    suspicious: 'low',
    weight: 0.25,
    title: 'Another class is more probable, out of sample',
  },
  'self-influence': {
    suspicious: 'high',
    weight: 0.125,
    title: 'The model had to learn this image by itself',
  },
} as const satisfies Record<string, SignalMeaning>;

export type LabelSignal = keyof typeof labelSignals;
export type LabelSignals = Readonly<Partial<Record<LabelSignal, Numbers>>>;

export interface LabelIssueRanking {
  /** Weighted mean of the percentiles, 0…1; high is suspicious. */
  readonly scores: Float64Array;
  /** Samples, the most suspicious first; equal scores in sample order. */
  readonly order: Uint32Array;
  /** Rank percentile of each signal, turned so that high is suspicious. */
  readonly percentiles: Readonly<Partial<Record<LabelSignal, Float64Array>>>;
}

/**
 * Ranks samples by the weighted mean of their rank percentiles: signals of any scale and sign can be put together, and no signal
 * needs a threshold. Signals that are not given are left out; a constant signal gives ½ to all and so changes no order.
 */
export function rankLabelIssues(signals: LabelSignals): LabelIssueRanking {
  const names = (Object.keys(labelSignals) as LabelSignal[]).filter((name) => signals[name] !== undefined);
  assert(names.length > 0, 'label issues are ranked by at least one signal');
  const sampleCount = signals[names[0]!]!.length;
  const totalWeight = names.reduce((sum, name) => sum + labelSignals[name].weight, 0);
  const scores = new Float64Array(sampleCount);
  const percentiles: Partial<Record<LabelSignal, Float64Array>> = {};
  for (const name of names) {
    const turned = suspicion(name, signals[name]!);
    assert(turned.length === sampleCount, `signal ${name} has another number of samples`);
    percentiles[name] = turned;
    const share = labelSignals[name].weight / totalWeight;
    for (let sample = 0; sample < sampleCount; sample++) scores[sample]! += share * turned[sample]!;
  }
  const order = ascendingOrder(scores.map((score) => -score));
  return { scores, order, percentiles };
}

/** Rank percentile, 1 for the most suspicious. */
function suspicion(name: LabelSignal, values: Numbers): Float64Array {
  const percentiles = rankPercentiles(values);
  return labelSignals[name].suspicious === 'high' ? percentiles : percentiles.map((value) => 1 - value);
}
