/** @file The run that makes images with a denoiser and keeps them as queries, each with what it was made from. */
import { join } from 'node:path';
import type { SampleImagesConfig } from '../../contract/generation-configs.ts';
import { AppError } from '../../core/base/app-error.ts';
import { ModelId } from '../../contract/vocabulary.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { encodePixels } from '../images/encode-pixels.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { readModel, type StoredModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { insertQueries, type NewQuery } from '../storage/queries.ts';
import { readDenoiserArtifact } from './denoiser-artifact.ts';
import { openDenoiser, type Denoiser } from './denoiser.ts';
import { makeImages, toPixels } from './make-images.ts';
import { keepQueryFile } from './query-files.ts';

/** Images that are made and stored together: what is there is kept where the run is stopped. */
const IMAGES_AT_ONCE = 64;

export async function sampleImagesRun(
  folder: ProjectFolder,
  config: SampleImagesConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const modelId = pinModel(folder.connection, context.runId, config.modelId, 'generate');
  const model = readModel(folder.connection, modelId, 'generate');
  const { description, average } = readDenoiserArtifact(join(folder.path, model.artifact));
  const denoiser = openDenoiser(folder.path, description);
  await tools.settleProvider?.({ network: denoiser.network, parameters: average });
  const told = classesTold(config, model, denoiser);
  for (let from = 0; from < config.count; from += IMAGES_AT_ONCE) {
    const count = Math.min(IMAGES_AT_ONCE, config.count - from);
    const indices = Array.from({ length: count }, (_, index) => from + index);
    const images = await makeImages(tools.executor, denoiser, average, {
      sampler: config.sampler,
      steps: config.steps,
      seed: config.seed,
      indices,
      classIndices: indices.map(told),
      signal: context.signal,
      onProgress: (fraction) =>
        context.progress('Making images', (from + fraction * count) / config.count, { images: from }),
    });
    await keep(folder, config, context, { ...model, id: ModelId.parse(modelId) }, indices, images, told);
  }
  return { modelId, images: config.count };
}

/** Class index of each image: the one that was asked for, or all in turn. */
function classesTold(
  { classId }: SampleImagesConfig,
  { classIds }: StoredModel,
  { classCount }: Denoiser,
): (index: number) => number {
  if (classId === null) return (index) => (classCount === 0 ? -1 : index % classCount);
  const place = classIds.indexOf(classId);
  if (place < 0)
    throw new AppError('usage-invalid', {
      reason:
        classCount === 0
          ? 'The model is unconditional: it cannot be told a class'
          : `The model does not know class ${classId}; it knows ${classIds.join(', ')}`,
    });
  return () => place;
}

async function keep(
  folder: ProjectFolder,
  { sampler, steps, seed }: SampleImagesConfig,
  { runId }: RunContext,
  { id: modelId, name, imageSize: size, channels, classIds }: StoredModel & { readonly id: ModelId },
  indices: readonly number[],
  images: readonly Float32Array[],
  told: (index: number) => number,
): Promise<void> {
  const queries: NewQuery[] = [];
  for (const [place, index] of indices.entries()) {
    const png = await encodePixels(toPixels(images[place]!), { channels, size });
    queries.push({
      ...keepQueryFile(folder, png, 'png'),
      origin: 'generated',
      modelId,
      runId,
      place: index,
      name: `${name}, seed ${seed}, image ${index + 1}`,
      generation: { sampler, steps, seed, image: index },
      classId: classIds[told(index)] ?? null,
      width: size,
      height: size,
    });
  }
  insertQueries(folder.connection, queries);
}
