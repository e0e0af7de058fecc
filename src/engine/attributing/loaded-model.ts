/** @file A stored model made ready for computing: its weights, its images' pixels, and which images it learned from. */
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { buildClassifier, type Classifier } from '../../core/nn/classifier.ts';
import type { ClassId, ModelId, SampleId } from '../../contract/vocabulary.ts';
import type { RunContext } from '../runs/run-context.ts';
import { listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import { readModel, type Normalization } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readModelArtifact } from '../training/model-artifact.ts';
import { openPixelCache, type ReadPixels } from '../training/pixel-cache.ts';
import type { PixelSource } from '../training/pixel-source.ts';

/** An image and the class whose output is differentiated. */
export interface LabelledRow {
  readonly sampleId: SampleId;
  /** Row of the pixel source. */
  readonly row: number;
  readonly classIndex: number;
}

export interface LoadedModel {
  readonly id: ModelId;
  readonly classifier: Classifier;
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

/** The caller closes `pixels`. */
export async function loadModel(
  folder: ProjectFolder,
  modelId: ModelId | null,
  context: RunContext,
  readPixels: ReadPixels,
): Promise<LoadedModel> {
  const stored = readModel(folder.connection, modelId);
  const artifact = readModelArtifact(join(folder.path, stored.artifact));
  const samples = listPresentSamples(folder.connection);
  const rowOfSample = new Map(samples.map((sample, row) => [sample.id, row]));
  const learned = artifact.learned.flatMap((entry) => {
    const row = rowOfSample.get(entry.sampleId);
    return row === undefined ? [] : [{ ...entry, row }];
  });
  if (learned.length === 0)
    throw new AppError('labels-missing', {
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
  return {
    id: stored.id,
    classifier: buildClassifier(artifact.network),
    parameters: artifact.parameters,
    parametersSha256: artifact.parametersSha256,
    normalization: stored.normalization,
    classIds: stored.classIds,
    samples,
    pixels,
    learned,
  };
}
