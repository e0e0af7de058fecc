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
import { openDenoiserWithTexts, type Denoiser } from './denoiser.ts';
import { makeImages, toPixels } from './make-images.ts';
import { openCodec } from './open-codec.ts';
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
  const denoiser = await openDenoiserWithTexts(folder, description, tools.executor, context);
  await tools.settleProvider?.({ network: denoiser.network, parameters: average });
  const told = await toldNumbers(config, model, denoiser, context);
  requireGuidable(config, denoiser);
  const codec = openCodec(folder, description, tools.executor);
  for (let from = 0; from < config.count; from += IMAGES_AT_ONCE) {
    const count = Math.min(IMAGES_AT_ONCE, config.count - from);
    const indices = Array.from({ length: count }, (_, index) => from + index);
    const images = await makeImages(tools.executor, denoiser, average, {
      sampler: config.sampler,
      steps: config.steps,
      seed: config.seed,
      indices,
      classIndices: indices.map(told),
      guidance: config.guidance,
      signal: context.signal,
      onProgress: (fraction) =>
        context.progress('Making images', (from + fraction * count) / config.count, { images: from }),
    });
    const pictures = await codec.decode(images, context.signal);
    const maker = { ...model, id: ModelId.parse(modelId), denoiser, told };
    await keep(folder, config, context, maker, indices, pictures);
  }
  return { modelId, images: config.count };
}

/** Class index of each image, or number of its text: the one that was asked for, or all in turn. */
async function toldNumbers(
  { classId, prompt }: SampleImagesConfig,
  { classIds }: StoredModel,
  { classCount, texts }: Denoiser,
  context: RunContext,
): Promise<(index: number) => number> {
  if (prompt !== null) {
    if (texts === undefined)
      throw new AppError('usage-invalid', {
        reason: 'The model has no text encoder: it cannot be told a prompt',
      });
    const number = await texts.numberOf(prompt, context);
    return () => number;
  }
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

function requireGuidable({ guidance }: SampleImagesConfig, { classCount, texts }: Denoiser): void {
  if (guidance !== 1 && classCount === 0 && texts === undefined)
    throw new AppError('usage-invalid', {
      reason:
        'The model is unconditional: there is nothing that guidance could make it follow. Leave it at 1',
    });
}

interface Maker extends Omit<StoredModel, 'denoiser'> {
  readonly id: ModelId;
  readonly denoiser: Denoiser;
  readonly told: (index: number) => number;
}

async function keep(
  folder: ProjectFolder,
  { sampler, steps, seed, guidance }: SampleImagesConfig,
  { runId }: RunContext,
  { id: modelId, name, imageSize: size, channels, classIds, denoiser, told }: Maker,
  indices: readonly number[],
  pictures: readonly Float32Array[],
): Promise<void> {
  const texts = denoiser.texts?.texts;
  const queries: NewQuery[] = [];
  for (const [place, index] of indices.entries()) {
    const png = await encodePixels(toPixels(pictures[place]!), { channels, size });
    queries.push({
      ...keepQueryFile(folder, png, 'png'),
      origin: 'generated',
      modelId,
      runId,
      place: index,
      name: `${name}, seed ${seed}, image ${index + 1}`,
      generation: {
        ...{ sampler, steps, seed, image: index },
        ...(guidance === 1 ? {} : { guidance }),
        ...(texts === undefined ? {} : { prompt: texts[told(index)]! }),
      },
      classId: classIds[told(index)] ?? null,
      width: size,
      height: size,
      claimed: null,
    });
  }
  insertQueries(folder.connection, queries);
}
