/** @file What is stored of a denoiser that a file brought: the file, and what was chosen about it. */
import { z } from 'zod';

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
      kind: z.enum(['number', 'one-hot', 'embedding']),
      /** Of one image; [] of a number. */
      shape: z.array(z.number().int()),
      /** What the file calls each class that is told, in order: its number, or its place in a one-hot row or among the embeddings. */
      labels: z.array(z.number().int()),
      /** Number that stands for no class; null: there is none. */
      absentClass: z.number().int().nullable(),
      /** The embeddings, relative to the project; null: there are none. */
      embeddings: z.string().nullable(),
    })
    .nullable(),
  /** Names of the parameters that are trained and attributed to; the others are frozen. */
  trained: z.array(z.string()),
  /** Low-rank adapters on those parameters are trained instead; null: the parameters themselves. */
  loraRank: z.number().int().nullable(),
});
export type DenoiserFile = z.infer<typeof DenoiserFile>;

/** Whether every image has to have a class: nothing stands for no class, as zeros do in one-hot rows. */
export function needsClass({ condition }: DenoiserFile): boolean {
  return condition !== null && condition.kind !== 'one-hot' && condition.absentClass === null;
}
