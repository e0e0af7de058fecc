/** @file What is stored of a denoiser that a file brought: the file, and what was chosen about it. */
import { z } from 'zod';

export const PartOfFile = z.object({
  /** Relative to the project. */
  file: z.string(),
  /** Names in the file. */
  input: z.string(),
  output: z.string(),
});

export type PartOfFile = z.infer<typeof PartOfFile>;

/** How a denoiser is told texts. */
export const TextCondition = z.object({
  encoder: PartOfFile,
  /** Relative to the project. */
  tokenizer: z.string(),
  texts: z.string(),
});
export type TextCondition = z.infer<typeof TextCondition>;

/** The autoencoder in front of a denoiser of latents. */
export const LatentFiles = z.object({
  encoder: PartOfFile,
  decoder: PartOfFile,
  /** Latents are (what the encoder says − shift) · scale; the decoder is told latents / scale + shift. */
  scalingFactor: z.number(),
  shiftFactor: z.number(),
  /** Of the square pictures. */
  pictureSize: z.number().int(),
  pictureChannels: z.number().int(),
});
export type LatentFiles = z.infer<typeof LatentFiles>;

export const DenoiserFile = z.object({
  /** Relative to the project. */
  file: z.string(),
  channels: z.number().int(),
  imageSize: z.number().int(),
  layout: z.enum(['nchw', 'nhwc']),
  /** Names in the file. */
  input: z.string(),
  timestep: z.string(),
  output: z.string(),
  /** null: it is not told a class. */
  condition: z
    .object({
      input: z.string(),
      kind: z.enum(['number', 'one-hot', 'embedding', 'text']),
      /** Of one image; [] of a number. */
      shape: z.array(z.number().int()),
      /** What the file calls each class that is told, in order: its number, or its place in a one-hot row or among the embeddings. */
      labels: z.array(z.number().int()),
      /** Number that stands for no class; null: there is none. */
      absentClass: z.number().int().nullable(),
      /** The embeddings, relative to the project; null: there are none. */
      embeddings: z.string().nullable(),
      /** null: it is told classes. Else what stands for no class is the empty text. */
      text: TextCondition.nullable().default(null),
    })
    .nullable(),
  /** null: it works on pixels. Else `channels` and `imageSize` are those of latents. */
  latents: LatentFiles.nullable().default(null),
  /** Names of the parameters that are trained and attributed to; the others are frozen. */
  trained: z.array(z.string()),
  /** Low-rank adapters on those parameters are trained instead; null: the parameters themselves. */
  loraRank: z.number().int().nullable(),
});
export type DenoiserFile = z.infer<typeof DenoiserFile>;

/** Whether every image has to have a class: nothing stands for no class, as zeros do in one-hot rows. */
export function needsClass({ condition }: DenoiserFile): boolean {
  if (condition === null || condition.kind === 'one-hot' || condition.kind === 'text') return false;
  return condition.absentClass === null;
}
