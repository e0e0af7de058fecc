/** @file What a person says about a model file, so that it can be used on the project's images. */
import { z } from 'zod';

/** Pixel values that the network was trained on. 'auto': what the file looks like; 'byte': 0…255. */
export const PixelRange = z.enum(['auto', 'unit', 'imagenet', 'symmetric', 'byte', 'custom']);
export type PixelRange = z.infer<typeof PixelRange>;

/** Which parameters are trained and attributed to. */
export const ParameterChoice = z.enum(['all', 'last', 'pattern', 'lora']);
export type ParameterChoice = z.infer<typeof ParameterChoice>;

export const ModelChoices = z.object({
  name: z.string().max(80).default('').describe('name in this project; the file’s own where not given'),
  output: z
    .string()
    .default('')
    .describe('output that tells the classes apart; the one that looks like it where not given'),
  outputKind: z.enum(['auto', 'logits', 'probabilities']).default('auto').describe('what that output holds'),
  embedding: z
    .string()
    .default('')
    .describe('output that is the embedding; what the last linear layer sees where not given'),
  imageSize: z
    .number()
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .describe('side of the square images in pixels, where the file leaves it free; 0: 224'),
  pixels: PixelRange.default('auto').describe(
    'pixel values that the model wants: auto (what the file looks like), unit 0…1, imagenet (mean and deviation of ImageNet), symmetric −1…1, byte 0…255, custom',
  ),
  means: z
    .array(z.number())
    .default([])
    .describe('for custom: mean per channel, of pixels in 0…1, in the model’s order of channels'),
  deviations: z.array(z.number().positive()).default([]).describe('for custom: deviation per channel'),
  channelOrder: z.enum(['rgb', 'bgr']).default('rgb').describe('order of the colour channels'),
  grey: z
    .boolean()
    .default(false)
    .describe(
      'turn colour images grey and repeat them in every channel; grey images are repeated in any case',
    ),
  classNames: z
    .array(z.string())
    .default([])
    .describe(
      'name of the class of every output, in order; an output without a class of the project is left out; none: the project’s classes in their order',
    ),
  newHead: z
    .boolean()
    .default(false)
    .describe('replace the last linear layer by a new one for the project’s classes, to be fine-tuned'),
  parameters: ParameterChoice.default('all').describe('which parameters are trained and attributed to'),
  lastLayers: z.number().int().min(1).max(1000).default(1).describe('for last: how many layers'),
  pattern: z
    .string()
    .default('')
    .describe('for pattern: names with * for any letters, several separated by commas'),
  loraRank: z.number().int().min(1).max(256).default(8).describe('for lora: rank of the adapters'),
  learned: z
    .enum(['train', 'none'])
    .default('train')
    .describe('which of the project’s images it learned from: the labelled ones of the train split, or none'),
});
export type ModelChoices = z.infer<typeof ModelChoices>;
