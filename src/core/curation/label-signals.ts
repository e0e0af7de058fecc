/**
 * @file The signals by which a label can be doubted, all turned the same way: high is suspicious. NaN: nothing is known of that image
 * (a training has not seen it, or saw it under another label).
 */
import { normalizedMargin, selfConfidence, type LabelledProbabilities } from './class-probabilities.ts';
import { flagByNoiseRate, type ConfidentJoint } from './confident-joint.ts';
import type { TrainingDynamics } from './training-dynamics.ts';

export const labelSignalNames = [
  'self-confidence',
  'normalized-margin',
  'confident-learning',
  'loss',
  'aum',
  'el2n',
  'grand',
  'forgetting',
  'self-influence',
  'neighbour-disagreement',
] as const;
export type LabelSignal = (typeof labelSignalNames)[number];

/** One value per sample of each signal that is there. */
export type LabelSignals = Readonly<Partial<Record<LabelSignal, Float64Array>>>;

/**
 * From out-of-sample probabilities: −P[given]; −normalised margin; and confident learning: what it flags before everything else (1…2),
 * the rest below (0…1), both by falling margin.
 */
export function probabilitySignals(
  input: LabelledProbabilities,
  joint: ConfidentJoint,
): Pick<Required<LabelSignals>, 'self-confidence' | 'normalized-margin' | 'confident-learning'> {
  const margins = normalizedMargin(input);
  const flags = flagByNoiseRate(input, joint);
  return {
    'self-confidence': selfConfidence(input).map((probability) => -probability),
    'normalized-margin': margins.map((margin) => -margin),
    'confident-learning': margins.map((margin, sample) => flags[sample]! + 1 - margin),
  };
}

/** From what the trainings saw. Only the margin is low where it is suspicious. */
export function dynamicsSignals(
  dynamics: TrainingDynamics,
): Pick<Required<LabelSignals>, 'loss' | 'aum' | 'el2n' | 'forgetting'> {
  return {
    loss: Float64Array.from(dynamics.losses),
    aum: Float64Array.from(dynamics.margins, (margin) => -margin),
    el2n: Float64Array.from(dynamics.errorLengths),
    forgetting: Float64Array.from(dynamics.forgettings),
  };
}
