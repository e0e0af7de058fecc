/** @file The run that finds the images most like one of them: every embedding against its own, by the cosine. */
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import { rowOf } from '../../core/linalg/row-algebra.ts';
import { widen } from '../../core/linalg/rows.ts';
import { unitRows } from '../../core/linalg/unit-rows.ts';
import type { FindAlikeConfig } from '../../contract/alike-config.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { partOf } from '../attributing/progress-part.ts';
import { openEmbeddings, type Embeddings } from '../embedding/open-embeddings.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { saveLikenesses } from '../storage/likenesses.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

/** Share of the time that embedding takes, roughly. */
const EMBEDDING_SHARE = 0.95;

/** @throws AppError sample-not-found where the image, or its file, is not there; what `openEmbeddings` throws */
export async function findAlikeRun(
  folder: ProjectFolder,
  config: FindAlikeConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const embeddings = await openEmbeddings(folder, config, partOf(context, 0, EMBEDDING_SHARE), tools);
  const { samples, title } = embeddings;
  const row = samples.findIndex(({ id }) => id === config.sampleId);
  if (row < 0) throw new AppError('sample-not-found', { sampleId: config.sampleId });
  context.progress('Comparing images', EMBEDDING_SHARE, {});
  const similarities = similaritiesTo(embeddings, row, context.signal);
  // Rounding must not put another image before the one that is asked about.
  similarities[row] = 1;
  const order = Array.from(samples.keys()).sort(
    (a, b) =>
      Number(b === row) - Number(a === row) ||
      similarities[b]! - similarities[a]! ||
      samples[a]!.id - samples[b]!.id,
  );
  saveLikenesses(
    folder.connection,
    context.runId,
    order.map((place) => ({ sampleId: samples[place]!.id, similarity: similarities[place]! })),
  );
  return { sampleId: config.sampleId, images: samples.length, source: title };
}

/** Cosine of every row with one of them, block by block. */
function similaritiesTo({ store }: Embeddings, row: number, signal: AbortSignal): Float64Array {
  const own = unitRowAt(store, row);
  const found = new Float64Array(store.rowCount);
  let first = 0;
  for (const block of store.blocks()) {
    throwIfCancelled(signal);
    const units = unitRows(widen(block));
    for (let place = 0; place < units.rows; place++) found[first + place] = dot(rowOf(units, place), own);
    first += units.rows;
  }
  return found;
}

function unitRowAt(store: Embeddings['store'], row: number): Float32Array {
  let first = 0;
  for (const block of store.blocks()) {
    if (row < first + block.rows) return Float32Array.from(rowOf(unitRows(widen(block)), row - first));
    first += block.rows;
  }
  throw new Error('the store has fewer rows than images');
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}
