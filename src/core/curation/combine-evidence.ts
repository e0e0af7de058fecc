/**
 * @file The probability that a label is wrong, from several signals: a logistic regression on how surprising the label is, in nats, to models
 * that did not see the image, to the trainings that did, and to its neighbours. Its weights were fitted once on planted errors
 * (docs/methods/label-issues.md); the share of wrong labels is the data's own, found without any label of what is wrong.
 */
import { assert } from '../base/assert.ts';
import type { LabelSignal, LabelSignals } from './label-signals.ts';

/** Surprise −ln p(given label) in nats of a signal's value. */
const surprises = {
  'self-confidence': (value: number) => -Math.log(Math.max(1e-6, -value)),
  loss: (value: number) => value,
  // A twentieth is one of the twenty neighbours: fewer than half of one is none.
  'neighbour-disagreement': (value: number) => -Math.log(Math.max(0.02, 1 - value)),
} as const satisfies Partial<Record<LabelSignal, (value: number) => number>>;
type Evidence = keyof typeof surprises;

interface LogisticModel {
  readonly intercept: number;
  readonly weights: Readonly<Partial<Record<Evidence, number>>>;
}

/** Share of wrong labels among the images that the models below were fitted to. */
const FITTED_SHARE = 0.1;

/** The most informed first: an image is judged by the first whose signals it has. */
const models: readonly LogisticModel[] = [
  { intercept: -5.7, weights: { 'self-confidence': 0.95, loss: 1.2, 'neighbour-disagreement': 0.55 } },
  { intercept: -5.85, weights: { 'self-confidence': 0.9, loss: 1.85 } },
  { intercept: -5.3, weights: { 'self-confidence': 1.25, 'neighbour-disagreement': 1.05 } },
  { intercept: -5.3, weights: { 'self-confidence': 1.75 } },
];

export interface CombinedEvidence {
  /** P(given label is wrong) per sample. */
  readonly probabilities: Float64Array;
  /** Estimated share of wrong labels: their mean. */
  readonly share: number;
}

/** Needs self-confidence for every sample; uses loss and neighbours where they are known. */
export function combineEvidence(signals: LabelSignals): CombinedEvidence {
  const confidence = signals['self-confidence'];
  assert(confidence !== undefined, 'labels are judged by out-of-sample probabilities at least');
  const logits = confidence.map((_, sample) => logitOf(signals, sample));
  const share = ownShare(logits);
  return { probabilities: probabilitiesAt(logits, share), share };
}

function logitOf(signals: LabelSignals, sample: number): number {
  for (const { intercept, weights } of models) {
    const terms = (Object.keys(weights) as Evidence[]).map(
      (name) => weights[name]! * surprises[name](signals[name]?.[sample] ?? NaN),
    );
    const logit = terms.reduce((sum, term) => sum + term, intercept);
    if (!Number.isNaN(logit)) return logit;
  }
  assert(false, `sample ${sample} has no out-of-sample probability`);
}

const ITERATIONS = 200;
const TOLERANCE = 1e-7;

/**
 * The share at which the probabilities' mean is that share: expectation maximisation over unlabelled data (Saerens, Latinne, Decaestecker,
 * "Adjusting the outputs of a classifier to new a priori probabilities", Neural Computation 2002). At least half an image.
 */
function ownShare(logits: Float64Array): number {
  const least = 0.5 / logits.length;
  let share = FITTED_SHARE;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const sum = probabilitiesAt(logits, share).reduce((total, probability) => total + probability, 0);
    const next = Math.min(0.5, Math.max(least, sum / logits.length));
    if (Math.abs(next - share) < TOLERANCE) return next;
    share = next;
  }
  return share;
}

function probabilitiesAt(logits: Float64Array, share: number): Float64Array {
  const shift = logOdds(share) - logOdds(FITTED_SHARE);
  return logits.map((logit) => 1 / (1 + Math.exp(-(logit + shift))));
}

function logOdds(share: number): number {
  return Math.log(share / (1 - share));
}
