/** @file The run that makes a map: embeds every image, lays the embeddings out on a plane, and keeps the places. */
import { AppError } from '../../core/base/app-error.ts';
import type { ImageMap, MapConfig } from '../../contract/maps-service.ts';
import { mapMethodNames } from '../../contract/map-words.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { partOf } from '../attributing/progress-part.ts';
import { openEmbeddings } from '../embedding/open-embeddings.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { listPresentSamples } from '../storage/labelled-samples.ts';
import { findMapOfRun, insertMap, readMap } from '../storage/maps.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { layOut } from './lay-out.ts';
import { writeMapFile } from './map-file.ts';

/** Fewer points are no map. */
const LEAST_IMAGES = 4;
/** Share of the run's time that embedding takes, roughly. */
const EMBEDDING_SHARE = 0.5;

export async function mapRun(
  folder: ProjectFolder,
  config: MapConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const done = findMapOfRun(connection, context.runId);
  if (done !== null) return summarize(done);
  const { length: count } = listPresentSamples(connection);
  if (count < LEAST_IMAGES) throw new AppError('map-needs-images', { least: LEAST_IMAGES, count });
  const embedding = partOf(context, 0, EMBEDDING_SHARE);
  const { samples, title, store } = await openEmbeddings(folder, config, embedding, tools);
  const laying = partOf(context, EMBEDDING_SHARE, 1);
  const { positions, shownVariance } = await layOut(store, config, tools.matrixEngine, laying);
  const artifact = writeMapFile(folder.path, context.runId, {
    sampleIds: Int32Array.from(samples, ({ id }) => id),
    positions,
  });
  const id = insertMap(connection, {
    runId: context.runId,
    name: config.name === '' ? `${mapMethodNames[config.method]} · ${title}` : config.name,
    method: config.method,
    source: title,
    imageCount: samples.length,
    ...{ shownVariance, choices: config, artifact },
  });
  return summarize(readMap(connection, id));
}

function summarize({ id, imageCount, source, shownVariance }: ImageMap): RunSummary {
  return { mapId: id, images: imageCount, source, ...(shownVariance === null ? {} : { shownVariance }) };
}
