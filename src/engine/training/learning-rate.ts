/** @file The learning rate of a step: a short linear warm-up, then constant or falling along half a cosine. */

export interface LearningRateSettings {
  readonly learningRate: number;
  readonly schedule: 'constant' | 'cosine';
  readonly epochs: number;
}

/** Share of all steps over which the rate rises, and never more than one epoch. */
const WARM_UP_SHARE = 0.05;

export function learningRateAt(step: number, stepsPerEpoch: number, settings: LearningRateSettings): number {
  const totalSteps = stepsPerEpoch * settings.epochs;
  const warmUpSteps = Math.min(stepsPerEpoch, Math.ceil(WARM_UP_SHARE * totalSteps));
  if (step < warmUpSteps) return (settings.learningRate * (step + 1)) / warmUpSteps;
  if (settings.schedule === 'constant') return settings.learningRate;
  const share = (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps);
  return settings.learningRate * 0.5 * (1 + Math.cos(Math.PI * share));
}
