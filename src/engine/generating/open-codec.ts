/** @file The codec of a stored denoiser. */
import type { Executor } from '../../core/execution/executor.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { DenoiserDescription } from './denoiser-description.ts';
import { pixelCodec, type ImageCodec } from './image-codec.ts';
import { LatentCodec } from './latent-codec.ts';

export function openCodec(
  folder: Pick<ProjectFolder, 'path' | 'cachePath'>,
  { network }: DenoiserDescription,
  executor: Executor,
): ImageCodec {
  const { channels, imageSize: size } = network;
  if ('file' in network && network.latents !== null)
    return new LatentCodec(folder, network.latents, network, executor);
  return pixelCodec({ channels: channels === 1 ? 1 : 3, size });
}
