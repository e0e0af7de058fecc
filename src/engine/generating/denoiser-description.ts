/** @file What a stored denoiser is made from. */
import { join } from 'node:path';
import { z } from 'zod';
import { predictionKinds } from '../../core/diffusion/noise-schedule.ts';
import { buildUNet, denoiserSizes } from '../../core/nn/denoiser/u-net.ts';
import type { Network } from '../../core/nn/network.ts';
import { NoiseScheduleDescription } from '../../contract/denoiser-choices.ts';
import { readNpy } from '../artifacts/read-npy.ts';
import { DenoiserFile, needsClass } from '../modelling/denoiser-file.ts';
import { fileDenoiser } from '../modelling/file-denoiser.ts';
import { readStoredModel } from '../modelling/store-model-file.ts';

const BuiltInDenoiser = z.object({
  architecture: z.enum(denoiserSizes),
  channels: z.number().int(),
  imageSize: z.number().int(),
  classCount: z.number().int(),
  dropout: z.number(),
});

export const DenoiserDescription = z.object({
  network: z.union([DenoiserFile, BuiltInDenoiser]),
  schedule: NoiseScheduleDescription,
  prediction: z.enum(predictionKinds),
});
export type DenoiserDescription = z.infer<typeof DenoiserDescription>;

/** `projectPath`: the folder that files of brought denoisers are relative to. */
export function openDenoiserNetwork(projectPath: string, { network }: DenoiserDescription): Network {
  if (!('file' in network)) return buildUNet(network);
  const embeddings = network.condition?.embeddings ?? null;
  const read = embeddings === null ? null : readNpy(join(projectPath, embeddings)).data;
  return fileDenoiser(readStoredModel(projectPath, network.file), network, read);
}

/** Whether it cannot be used without the class of an image: built-in ones are told of none by zeros. */
export function wantsClass({ network }: DenoiserDescription): boolean {
  return 'file' in network && needsClass(network);
}
