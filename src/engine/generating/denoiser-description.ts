/** @file What a stored denoiser is made from. */
import { z } from 'zod';
import { predictionKinds, scheduleKinds } from '../../core/diffusion/noise-schedule.ts';
import { buildUNet, denoiserSizes } from '../../core/nn/denoiser/u-net.ts';
import type { Network } from '../../core/nn/network.ts';

const BuiltInDenoiser = z.object({
  architecture: z.enum(denoiserSizes),
  channels: z.number().int(),
  imageSize: z.number().int(),
  classCount: z.number().int(),
  dropout: z.number(),
});

const Schedule = z.object({
  kind: z.enum(scheduleKinds),
  steps: z.number().int(),
  firstBeta: z.number(),
  lastBeta: z.number(),
  betas: z.array(z.number()).readonly().optional(),
});

export const DenoiserDescription = z.object({
  network: BuiltInDenoiser,
  schedule: Schedule,
  prediction: z.enum(predictionKinds),
});
export type DenoiserDescription = z.infer<typeof DenoiserDescription>;

/** `projectPath`: the folder that files of brought denoisers are relative to. */
export function openDenoiserNetwork(_projectPath: string, { network }: DenoiserDescription): Network {
  return buildUNet(network);
}
