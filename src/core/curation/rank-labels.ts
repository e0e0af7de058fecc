/** @file Samples in the order in which their labels should be looked at. */
import { present } from '../base/assert.ts';
import { rankPercentiles } from '../linalg/ranks.ts';
import { combineEvidence } from './combine-evidence.ts';
import { labelSignalNames, type LabelSignal, type LabelSignals } from './label-signals.ts';

/** A signal, or all of them together. */
export type RankingMethod = LabelSignal | 'combined';

export interface LabelRanking {
  /** 0…1, high is suspicious: the probability that the label is wrong where signals are combined, else the rank percentile of one. */
  readonly scores: Float64Array;
  /** The most suspicious first; of equal scores the less probable label, then the earlier sample. */
  readonly order: Uint32Array;
  /** Of each signal: the rank percentile among the samples that have it (ties share the mean of their ranks); NaN for the others. */
  readonly percentiles: LabelSignals;
}

/** A sample without the signal that is ranked by stands in the middle. */
const UNKNOWN = 0.5;

export function rankLabels(signals: LabelSignals, method: RankingMethod): LabelRanking {
  const percentiles: Partial<Record<LabelSignal, Float64Array>> = {};
  for (const name of labelSignalNames)
    if (signals[name] !== undefined) percentiles[name] = knownPercentiles(signals[name]);
  const scores =
    method === 'combined'
      ? combineEvidence(signals).probabilities
      : present(percentiles[method], method).map((value) => (Number.isNaN(value) ? UNKNOWN : value));
  const tieBreaker = signals['self-confidence'] ?? scores;
  const order = Uint32Array.from(scores.keys()).sort(
    (a, b) => scores[b]! - scores[a]! || tieBreaker[b]! - tieBreaker[a]! || a - b,
  );
  return { scores, order, percentiles };
}

function knownPercentiles(values: Float64Array): Float64Array {
  const known = [...values.keys()].filter((sample) => !Number.isNaN(values[sample]!));
  const percentiles = new Float64Array(values.length).fill(NaN);
  rankPercentiles(known.map((sample) => values[sample]!)).forEach((percentile, index) => {
    percentiles[known[index]!] = percentile;
  });
  return percentiles;
}
