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
      /** What the file calls each class that is told, in order: its number, or its place in a one-hot row. */
      labels: z.array(z.number().int()),
      /** Number that stands for no class; null: there is none. */
      absentClass: z.number().int().nullable(),
      /** Extent of one-hot rows; null: the file takes numbers. */
      width: z.number().int().nullable(),
    })
    .nullable(),
  /** Names of the parameters that are trained and attributed to; the others are frozen. */
  trained: z.array(z.string()),
  /** Low-rank adapters on those parameters are trained instead; null: the parameters themselves. */
  loraRank: z.number().int().nullable(),
});
export type DenoiserFile = z.infer<typeof DenoiserFile>;

/** Whether every image has to have a class: the file takes numbers, and none stands for no class. */
export function needsClass({ condition }: DenoiserFile): boolean {
  return condition !== null && condition.width === null && condition.absentClass === null;
}
