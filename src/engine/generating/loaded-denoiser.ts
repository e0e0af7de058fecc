/** @file A stored denoiser made ready for computing: its weights, the images as it sees them, and which images it learned from. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { ClassId, ModelId, RunId } from '../../contract/vocabulary.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import type { RunContext } from '../runs/run-context.ts';
import { listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { CleanImages } from './clean-images.ts';
import { hashParameters, readDenoiserArtifact } from './denoiser-artifact.ts';
import type { DenoiserDescription } from './denoiser-description.ts';
import { openDenoiserWithTexts, type Denoiser } from './denoiser.ts';
import type { ImageCodec } from './image-codec.ts';
import { openCodec } from './open-codec.ts';

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
  /** Of the parameters; of brought models of their file and all that was chosen about it as well, because a file holds frozen weights too. */
  readonly parametersSha256: string;
  readonly averageSha256: string;
  /** Class index of a conditional model → class. */
  readonly classIds: readonly ClassId[];
  /** Every image that is there, in the order of the rows of `images`. */
  readonly samples: readonly PresentSample[];
  readonly codec: ImageCodec;
  readonly images: CleanImages;
  /** What the model was fitted to, as far as it is still there; by id. `classIndex`: of its class or its text; −1: it has none. */
  readonly learned: readonly LabelledRow[];
}

/** The caller closes `images`. */
export async function loadDenoiser(
  folder: ProjectFolder,
  modelId: ModelId | null,
  context: RunContext,
  { executor, readPixels }: Pick<ComputeTools, 'executor' | 'readPixels'>,
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
  const { description, parameters, average } = artifact;
  const codec = openCodec(folder, description, executor);
  const images = await codec.openImages({ folder, samples, readPixels, context });
  return {
    id: stored.id,
    runId: stored.runId,
    name: stored.name,
    denoiser: await openDenoiserWithTexts(folder, description, executor, context),
    description,
    parameters,
    average,
    parametersSha256: hashOf(description, parameters),
    averageSha256: hashOf(description, average),
    classIds: stored.classIds,
    samples,
    ...{ codec, images },
    learned,
  };
}

function hashOf({ network }: DenoiserDescription, parameters: Float32Array): string {
  const hash = hashParameters(parameters);
  if (!('file' in network)) return hash;
  return createHash('sha256').update(hash).update(JSON.stringify(network)).digest('hex');
}
