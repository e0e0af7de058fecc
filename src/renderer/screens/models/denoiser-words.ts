/** @file What trains a model that makes images, in words. */
import type { TrainDenoiserConfig } from '../../../contract/generation-configs.ts';
import type { FieldWords } from '../parts/choice-words.ts';

export const predictionWords = {
  epsilon: 'The noise',
  v: 'Noise and image mixed (v)',
  x0: 'The image',
} as const satisfies Record<TrainDenoiserConfig['prediction'], string>;

export const noiseWords: Readonly<Record<string, string>> = {
  linear: 'Linear',
  cosine: 'Cosine',
  'scaled-linear': 'Scaled linear',
} satisfies Record<TrainDenoiserConfig['noiseSchedule'], string>;

/** How the settings are named in the form; those that are absent are named after themselves. */
export const denoiserFieldWords: Readonly<Partial<Record<keyof TrainDenoiserConfig, FieldWords>>> = {
  prediction: { title: 'It predicts', words: predictionWords },
  noiseSchedule: { title: 'Noise grows', words: noiseWords },
  timesteps: { title: 'Steps of time' },
  learningRateSchedule: {
    title: 'Learning rate falls',
    words: { cosine: 'As a cosine', constant: 'Not at all' },
  },
  averageDecay: { title: 'Decay of the moving average' },
  augmentation: { words: { flip: 'Flip', crop: 'Crop' } },
  conditionDropout: { title: 'Images without their class' },
  sheetMinutes: { title: 'Minutes between sheets' },
};
