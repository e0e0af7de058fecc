/** @file A stored model made ready for computing: its weights, its images' pixels, and which images it learned from. */
import { createHash } from 'node:crypto';
import { AppError } from '../../core/base/app-error.ts';
import type { Network } from '../../core/nn/network.ts';
import type { ClassId, ModelId, SampleId } from '../../contract/vocabulary.ts';
import { openNetwork } from '../modelling/open-network.ts';
import type { RunContext } from '../runs/run-context.ts';
import { listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import { planeCount, readModel, type Normalization } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readModelOf } from '../training/model-artifact.ts';
import { openPixelCache, type ReadPixels } from '../training/pixel-cache.ts';
import type { PixelSource } from '../training/pixel-source.ts';
import { hashSamples } from '../training/training-set.ts';

/** An image and the class whose output is differentiated. */
export interface LabelledRow {
  readonly sampleId: SampleId;
  /** Row of the pixel source. */
  readonly row: number;
  readonly classIndex: number;
}

export interface LoadedModel {
  readonly id: ModelId;
  readonly classifier: Network;
  readonly parameters: Float32Array;
  readonly parametersSha256: string;
  readonly normalization: Normalization;
  /** Output index → class. */
  readonly classIds: readonly ClassId[];
  /** Every image that is there, in the order of the pixel rows. */
  readonly samples: readonly PresentSample[];
  readonly pixels: PixelSource;
  /** What the model was fitted to, as far as it is still there; by id. */
  readonly learned: readonly LabelledRow[];
}

/** Of the weights, and of every image with its label and split: what a run on the model depends on. */
export function dataHashOf({
  parametersSha256,
  samples,
}: Pick<LoadedModel, 'parametersSha256' | 'samples'>): string {
  return createHash('sha256')
    .update(parametersSha256 + hashSamples(samples))
    .digest('hex');
}

/** The caller closes `pixels`. */
export async function loadModel(
  folder: ProjectFolder,
  modelId: ModelId | null,
  context: RunContext,
  readPixels: ReadPixels,
): Promise<LoadedModel> {
  const stored = readModel(folder.connection, modelId);
  const artifact = readModelOf(folder, stored);
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
    channels: planeCount(stored.normalization),
    readPixels,
    signal: context.signal,
    onProgress: (count) => context.progress('Reading images', null, { images: count }),
  });
  return {
    id: stored.id,
    classifier: openNetwork(folder.path, artifact.network),
    parameters: artifact.parameters,
    parametersSha256: artifact.parametersSha256,
    normalization: stored.normalization,
    classIds: stored.classIds,
    samples,
    pixels,
    learned,
  };
}
