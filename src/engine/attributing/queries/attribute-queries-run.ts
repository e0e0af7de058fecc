/** @file The run that attributes query images: the strongest training images of both signs kept for each. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { RunningMoments, type ScoreMoments } from '../../../core/attribution/score-moments.ts';
import { TopInfluences, type QueryInfluences } from '../../../core/attribution/top-influences.ts';
import { AppError } from '../../../core/base/app-error.ts';
import { rowBlock } from '../../../core/linalg/matrix.ts';
import { DiffusionChoices, type AttributeQueriesConfig } from '../../../contract/generation-configs.ts';
import { noteManifest } from '../../cases/manifest.ts';
import { loadDenoiser, type LoadedDenoiser } from '../../generating/loaded-denoiser.ts';
import { pinModel } from '../../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../../runs/run-context.ts';
import { requireSameData } from '../../runs/same-data.ts';
import {
  insertQueryAttribution,
  readQueries,
  saveBackground,
  saveQueryAttributionCost,
  saveQueryInfluences,
  type AttributionBackground,
  type StoredQuery,
} from '../../storage/queries.ts';
import { addRunNotes } from '../../storage/runs.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import { hashSamples } from '../../training/training-set.ts';
import type { ComputeTools } from '../compute-tools.ts';
import { NpyWriter } from '../write-npy.ts';
import { askedControls, foundOfControl, type AskedControl } from './asked-controls.ts';
import { askedImages } from './asked-images.ts';
import { openQueryAttribution, type QueryAttribution } from './query-attribution.ts';

export async function attributeQueriesRun(
  folder: ProjectFolder,
  config: AttributeQueriesConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const modelId = pinModel(folder.connection, context.runId, config.modelId, 'generate');
  const queries = requireQueries(readQueries(folder.connection, config.queries));
  const model = await loadDenoiser(folder, modelId, context, tools);
  try {
    requireSameData(folder.connection, context.runId, dataHashOf(model, queries));
    noteManifest(folder.connection, context.runId);
    await tools.settleProvider?.({ network: model.denoiser.network, parameters: model.parameters });
    const choices = DiffusionChoices.parse(config);
    const asked = await askedImages(folder, model, choices, queries, tools, context);
    const controls = await askedControls(model, choices, config.controls);
    if (controls.length === 0 && config.controls > 0)
      addRunNotes(folder.connection, context.runId, [noControls]);
    const attribution = await openQueryAttribution({ folder, model, choices, context, tools }, [
      ...asked,
      ...controls.map(({ image }) => image),
    ]);
    return await scoreAll(folder, config, context, { model, queries, controls, attribution });
  } finally {
    model.images.close();
  }
}

const noControls =
  'This method follows how an image was made, and control images were not made by the model: none were asked about.';

export function requireQueries(queries: readonly StoredQuery[]): readonly StoredQuery[] {
  if (queries.length === 0) throw new AppError('queries-missing', { reason: 'the project has none' });
  return queries;
}

export function dataHashOf(
  { parametersSha256, samples }: LoadedDenoiser,
  queries: readonly StoredQuery[],
): string {
  const hash = createHash('sha256').update(parametersSha256 + hashSamples(samples));
  for (const { sha256 } of queries) hash.update(`${sha256}\n`);
  return hash.digest('hex');
}

interface Scoring {
  readonly model: LoadedDenoiser;
  readonly queries: readonly StoredQuery[];
  readonly controls: readonly AskedControl[];
  readonly attribution: QueryAttribution;
}

async function scoreAll(
  folder: ProjectFolder,
  config: AttributeQueriesConfig,
  { runId }: RunContext,
  { model, queries, controls, attribution }: Scoring,
): Promise<RunSummary> {
  const trainIds = model.learned.map(({ sampleId }) => sampleId);
  const rowCount = queries.length + controls.length;
  // Queries are no samples, and a control is to find itself: no training image is a query itself, whatever their numbers.
  const top = new TopInfluences(
    Array.from({ length: rowCount }, (_, row) => -1 - row),
    trainIds,
    config.topCount,
  );
  const moments = new RunningMoments(rowCount);
  const npy =
    config.scoresPath === null ? null : new NpyWriter(config.scoresPath, queries.length, trainIds.length);
  const score = async (): Promise<void> => {
    for await (const block of attribution.scores(true)) {
      top.add(block);
      moments.add(block);
      npy?.write(rowBlock(block.scores, 0, queries.length), { row: 0, column: block.firstRow });
    }
  };
  await (npy === null ? score() : npy.during(score));
  if (config.scoresPath !== null)
    writeFileSync(
      `${config.scoresPath}.json`,
      `${JSON.stringify({ rows: queries.map(({ id }) => id), columns: trainIds })}\n`,
    );
  const damping = {
    damping: attribution.damping?.absolute ?? null,
    relativeDamping: attribution.damping?.relative ?? null,
  };
  const { connection } = folder;
  const attribute = { runId, modelId: model.id, choices: config, ...damping };
  const attributionId = insertQueryAttribution(connection, attribute);
  const found = top.result();
  saveQueryInfluences(
    connection,
    attributionId,
    queries.map(({ id }, place) => ({ queryId: id, ...found[place]! })),
  );
  saveBackground(connection, attributionId, {
    trainCount: trainIds.length,
    ...backgroundOf(queries, controls, found, moments.result()),
  });
  const cost = attribution.cost();
  saveQueryAttributionCost(connection, attributionId, cost);
  return {
    modelId: model.id,
    queries: queries.length,
    trainCount: trainIds.length,
    featureLength: attribution.featureLength,
    ...damping,
    ...cost,
  };
}

/** Rows of queries come first, then those of controls. */
function backgroundOf(
  queries: readonly StoredQuery[],
  controls: readonly AskedControl[],
  found: readonly QueryInfluences[],
  moments: readonly ScoreMoments[],
): Pick<AttributionBackground, 'queries' | 'controls'> {
  return {
    queries: queries.map(({ id }, place) => ({ queryId: id, ...moments[place]! })),
    controls: controls.map((control, place) => {
      const row = queries.length + place;
      return { ...foundOfControl(control, found[row]!), ...moments[row]! };
    }),
  };
}
