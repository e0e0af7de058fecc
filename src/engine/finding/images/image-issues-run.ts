/** @file The run that looks for issues of pictures: measures what is not measured yet, then judges every kind that was asked for. */
import { AppError } from '../../../core/base/app-error.ts';
import { EmbeddingChoices } from '../../../contract/embedding-choices.ts';
import type { FindIssuesConfig } from '../../../contract/image-issues-service.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import { partOf } from '../../attributing/progress-part.ts';
import { openEmbeddings } from '../../embedding/open-embeddings.ts';
import type { RunContext, RunSummary } from '../../runs/run-context.ts';
import type { Connection } from '../../storage/connection.ts';
import { hasModel } from '../../storage/models.ts';
import { saveScans } from '../../storage/image-issues.ts';
import { listMeasured } from '../../storage/image-measures.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import { addRunNotes } from '../../storage/runs.ts';
import { findBroken } from './find-broken.ts';
import { findDuplicates } from './find-duplicates.ts';
import { findInEmbedding, type EmbeddingFindings } from './find-outliers.ts';
import { judgeQuality } from './judge-quality.ts';
import { measureImages } from './measure-images.ts';

/** Share of the time that measuring takes where images are embedded too, roughly. */
const MEASURING = 0.5;

export async function imageIssuesRun(
  folder: ProjectFolder,
  config: FindIssuesConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const embeds = needsEmbedding(folder.connection, config);
  const { measured, unreadable } = await measureImages(
    folder,
    embeds ? partOf(context, 0, MEASURING) : context,
  );
  const samples = listMeasured(connection);
  const found = embeds
    ? await lookInEmbedding(folder, config, partOf(context, MEASURING, 0.95), tools)
    : null;
  context.progress('Comparing images', 0.95, {});
  const scans = [
    ...judgeQuality(samples, config.kinds, config.thresholds),
    ...findDuplicates(connection, samples, {
      ...{ config, signal: context.signal },
      ...{ neighbours: found?.neighbours ?? [], pairs: found?.pairs ?? [] },
    }),
    ...(found !== null && config.kinds.includes('outlier') ? [found.outliers] : []),
    ...(config.kinds.includes('broken') ? [findBroken(connection, unreadable, samples.length)] : []),
  ];
  saveScans(connection, context.runId, scans);
  const counts = scans.map(({ kind, issues }) => [kind, issues.length] as const);
  return { images: samples.length, measured, ...Object.fromEntries(counts) };
}

/** Outliers need one; near duplicates are better found with one, where there is a model that gives it. */
function needsEmbedding(connection: Connection, { kinds, embeddingSimilarity }: FindIssuesConfig): boolean {
  if (kinds.includes('outlier') || embeddingSimilarity !== null) return true;
  const comparesImages = kinds.includes('near-duplicate') || kinds.includes('leakage');
  return comparesImages && hasModel(connection);
}

/** Null, with a note, where a file cannot be read: the other kinds tell of it. */
async function lookInEmbedding(
  folder: ProjectFolder,
  config: FindIssuesConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<EmbeddingFindings | null> {
  const source = config.modelId === null ? 'auto' : 'model';
  try {
    const choices = EmbeddingChoices.parse({ source, modelId: config.modelId });
    const embeddings = await openEmbeddings(folder, choices, context, tools);
    return await findInEmbedding(embeddings, config, tools, context.signal);
  } catch (cause) {
    if (!(cause instanceof AppError) || !cause.code.startsWith('sample-file-')) throw cause;
    const what = config.kinds.includes('outlier')
      ? 'Outliers were not looked for'
      : 'The model was not asked which images are alike';
    addRunNotes(folder.connection, context.runId, [`${what}: ${cause.message}`]);
    return null;
  }
}
