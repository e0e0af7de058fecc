/** @file A stored denoiser made ready for computing: its weights, its images’ pixels, and which images it learned from. */
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { ClassId, ModelId, RunId } from '../../contract/vocabulary.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import type { RunContext } from '../runs/run-context.ts';
import { listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { openPixelCache, type ReadPixels } from '../training/pixel-cache.ts';
import type { PixelSource } from '../training/pixel-source.ts';
import { hashParameters, readDenoiserArtifact } from './denoiser-artifact.ts';
import type { DenoiserDescription } from './denoiser-description.ts';
import { openDenoiser, type Denoiser } from './denoiser.ts';

export interface LoadedDenoiser {
  readonly id: ModelId;
  /** Of the training. */
  readonly runId: RunId;
  readonly name: string;
  readonly denoiser: Denoiser;
  readonly description: DenoiserDescription;
  readonly parameters: Float32Array;
  /** Moving average of the parameters: what images are made with. */
  readonly average: Float32Array;
  readonly parametersSha256: string;
  readonly averageSha256: string;
  /** Class index of a conditional model → class. */
  readonly classIds: readonly ClassId[];
  /** Every image that is there, in the order of the pixel rows. */
  readonly samples: readonly PresentSample[];
  readonly pixels: PixelSource;
  /** What the model was fitted to, as far as it is still there; by id. `classIndex` −1: without a class. */
  readonly learned: readonly LabelledRow[];
}

/** The caller closes `pixels`. */
export async function loadDenoiser(
  folder: ProjectFolder,
  modelId: ModelId | null,
  context: RunContext,
  readPixels: ReadPixels,
): Promise<LoadedDenoiser> {
  const stored = readModel(folder.connection, modelId, 'generate');
  const artifact = readDenoiserArtifact(join(folder.path, stored.artifact));
  const samples = listPresentSamples(folder.connection);
  const rowOfSample = new Map(samples.map((sample, row) => [sample.id, row]));
  const learned = artifact.learned.flatMap((entry) => {
    const row = rowOfSample.get(entry.sampleId);
    return row === undefined ? [] : [{ ...entry, row }];
  });
  if (learned.length === 0)
    throw artifact.learned.length === 0
      ? new AppError('model-learned-nothing', { modelId: stored.id })
      : new AppError('labels-missing', {
          reason: 'none of the images that the model learned from is there any more',
        });
  const pixels = await openPixelCache({
    cachePath: folder.cachePath,
    images: samples,
    size: stored.imageSize,
    channels: stored.channels === 1 ? 1 : 3,
    readPixels,
    signal: context.signal,
    onProgress: (count) => context.progress('Reading images', null, { images: count }),
  });
  const { description, parameters, average } = artifact;
  return {
    id: stored.id,
    runId: stored.runId,
    name: stored.name,
    denoiser: openDenoiser(folder.path, description),
    description,
    parameters,
    average,
    parametersSha256: hashParameters(parameters),
    averageSha256: hashParameters(average),
    classIds: stored.classIds,
    samples,
    pixels,
    learned,
  };
}
