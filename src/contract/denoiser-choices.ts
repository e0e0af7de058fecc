/** @file What a person says about the file of a denoiser, so that it can be used on the project's images. */
import { z } from 'zod';
import { PredictionKind } from './generation-configs.ts';
import { ModelChoices } from './model-choices.ts';

/** A noise schedule as `core/diffusion/noise-schedule.ts` describes it. */
export const NoiseScheduleDescription = z.object({
  kind: z.enum(['linear', 'cosine', 'scaled-linear', 'given']),
  steps: z.number().int(),
  firstBeta: z.number(),
  lastBeta: z.number(),
  betas: z.array(z.number()).readonly().optional(),
});

const { name, imageSize, parameters, lastLayers, pattern, loraRank } = ModelChoices.shape;

export const DenoiserChoices = z.object({
  name,
  head: PredictionKind.nullable()
    .default(null)
    .describe(
      'what the network predicts: the noise, v, or the image; what the schedule file says where not given',
    ),
  imageInput: z.string().default('').describe('input that takes the noisy image; found where not given'),
  timestepInput: z.string().default('').describe('input that takes the step of time; found where not given'),
  conditionInput: z
    .string()
    .default('')
    .describe('input that takes the class, as a number, one-hot or an embedding; found where not given'),
  output: z.string().default('').describe('output that is the prediction; found where not given'),
  imageSize: imageSize.describe(
    'side of the square images in pixels, where the file leaves it free; 0: chosen from the images, at most 32. Of latent models the side of the pictures, not of their latents',
  ),
  scalingFactor: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('what the latents of the VAE are multiplied by; what --vae-config says where not given'),
  shiftFactor: z
    .number()
    .nullable()
    .default(null)
    .describe(
      'what is taken from the latents of the VAE first; what --vae-config says, or 0, where not given',
    ),
  classNames: z
    .array(z.string())
    .default([])
    .describe(
      'name of the class of every number that the file takes, in order; none: the project’s classes in their order',
    ),
  absentClass: z
    .number()
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe(
      'number that the file is told for an image without a class; such images are refused where not given',
    ),
  captionTemplate: z
    .string()
    .default('{class}')
    .describe(
      'text that a model with a text encoder is told of an image, {class} its class; --captions comes first',
    ),
  parameters,
  lastLayers,
  pattern: pattern.describe(
    'for pattern and lora: names with * for any letters, several separated by commas; lora takes all where not given',
  ),
  loraRank,
  learned: z
    .enum(['train', 'none'])
    .default('train')
    .describe('which of the project’s images it learned from: those of the train split, or none'),
});
export type DenoiserChoices = z.infer<typeof DenoiserChoices>;
