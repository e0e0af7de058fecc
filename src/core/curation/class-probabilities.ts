/** @file Predicted probabilities beside the given labels: what every label check starts from. */
import { assert } from '../base/assert.ts';

export interface LabelledProbabilities {
  /** Given label of each sample, 0 … classCount − 1. */
  readonly labels: ArrayLike<number>;
  /** Out-of-sample probabilities [samples, classes], row by row. In-sample ones hide what the model memorised. */
  readonly probabilities: ArrayLike<number>;
  readonly classCount: number;
}

/** P[sample, label]. */
export function probabilityOf(input: LabelledProbabilities, sample: number, label: number): number {
  return input.probabilities[sample * input.classCount + label]!;
}

/** The most probable class but `except` (none: −1); of equals the first. */
export function mostProbable(input: LabelledProbabilities, sample: number, except = -1): number {
  let best = -1;
  for (let label = 0; label < input.classCount; label++) {
    if (label === except) continue;
    if (best < 0 || probabilityOf(input, sample, label) > probabilityOf(input, sample, best)) best = label;
  }
  return best;
}

export function checkProbabilities(input: LabelledProbabilities): void {
  const { labels, probabilities, classCount } = input;
  assert(classCount >= 2, 'label checks need at least two classes');
  assert(probabilities.length === labels.length * classCount, 'one probability per sample and class');
  for (let sample = 0; sample < labels.length; sample++) {
    assert(labels[sample]! >= 0 && labels[sample]! < classCount, `sample ${sample} has no class`);
  }
}

/** P[sample, given label]. Low is suspicious. */
export function selfConfidence(input: LabelledProbabilities): Float64Array {
  checkProbabilities(input);
  return Float64Array.from(input.labels, (label, sample) => probabilityOf(input, sample, label));
}

/** −Σ P ln P of each sample, in nats: how undecided its prediction is, whatever its label says. */
export function entropies(input: LabelledProbabilities): Float64Array {
  checkProbabilities(input);
  return Float64Array.from(input.labels, (_, sample) => {
    let sum = 0;
    for (let label = 0; label < input.classCount; label++) {
      const probability = probabilityOf(input, sample, label);
      if (probability > 0) sum -= probability * Math.log(probability);
    }
    return sum;
  });
}

/** (P[given] − max over other classes + 1) / 2, in 0…1. Low is suspicious. */
export function normalizedMargin(input: LabelledProbabilities): Float64Array {
  checkProbabilities(input);
  return Float64Array.from(input.labels, (label, sample) => {
    const rival = probabilityOf(input, sample, mostProbable(input, sample, label));
    return (probabilityOf(input, sample, label) - rival + 1) / 2;
  });
}

/**
 * The class to suggest in place of the given one: the most probable other class. A sample is only asked about when its
 * given label is in doubt, so the given label is never suggested, even where it is still the most probable one.
 */
export function suggestedLabels(input: LabelledProbabilities): Int32Array {
  checkProbabilities(input);
  return Int32Array.from(input.labels, (label, sample) => mostProbable(input, sample, label));
}
