/** @file What a stored model's network is made from: a built-in architecture, or a file and what was chosen about it. */
import { z } from 'zod';
import { architectureNames } from '../../core/nn/architectures.ts';

const BuiltInNetwork = z.object({
  architecture: z.enum(architectureNames),
  channels: z.number().int(),
  imageSize: z.number().int(),
  classCount: z.number().int(),
  dropout: z.number(),
});
export type BuiltInNetwork = z.infer<typeof BuiltInNetwork>;

const FileNetwork = z.object({
  /** Relative to the project. */
  file: z.string(),
  channels: z.number().int(),
  imageSize: z.number().int(),
  layout: z.enum(['nchw', 'nhwc']),
  /** Names in the file. */
  input: z.string(),
  output: z.string(),
  outputKind: z.enum(['logits', 'probabilities']),
  /** null: what the last linear layer sees. */
  embedding: z.string().nullable(),
  /** Columns of the output that are classes here, in order; null: all of them. */
  columns: z.array(z.number().int()).nullable(),
  /** The last linear layer is replaced by one for so many classes; null: it is kept. */
  newHead: z.number().int().nullable(),
  /** Names of the parameters that are trained and attributed to; the others are frozen. */
  trained: z.array(z.string()),
  /** Low-rank adapters on those parameters are trained instead; null: the parameters themselves. */
  loraRank: z.number().int().nullable(),
});
export type FileNetwork = z.infer<typeof FileNetwork>;

export const NetworkDescription = z.union([FileNetwork, BuiltInNetwork]);
export type NetworkDescription = z.infer<typeof NetworkDescription>;

export function isFromFile(description: NetworkDescription): description is FileNetwork {
  return 'file' in description;
}
