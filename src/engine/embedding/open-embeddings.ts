/** @file Embeddings of every image that is there: kept under everything they depend on, and computed where they are not there yet. */
import { AppError } from '../../core/base/app-error.ts';
import { makeMatrix, zeros32, type Matrix32 } from '../../core/linalg/matrix.ts';
import { widen } from '../../core/linalg/rows.ts';
import { predictionProgram } from '../../core/nn/prediction-program.ts';
import type { EmbeddingChoices } from '../../contract/embedding-choices.ts';
import { FeatureStore, type FeatureRows, type RowRange } from '../artifacts/feature-store.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { RunContext } from '../runs/run-context.ts';
import { listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { openPixelCache, pixelHash } from '../training/pixel-cache.ts';
import { memoryPixels, type PixelSource } from '../training/pixel-source.ts';
import { predictRows } from '../training/predict.ts';
import { openEmbedder, type Embedder } from './embedder.ts';
import { pinEmbeddingSource, type EmbeddingSource } from './embedding-source.ts';

export interface Embeddings {
  /** One row of the store each, in this order: every image that is there, by id. */
  readonly samples: readonly PresentSample[];
  readonly source: EmbeddingSource;
  /** What the images are compared by, for a person. */
  readonly title: string;
  /** [samples, columns], in blocks or row by row. */
  readonly store: FeatureStore;
  readonly embedder: Embedder;
}

/** Work on the way: reading pixels has the first part of the progress. */
const READING_SHARE = 0.4;

/**
 * The embeddings of all present images under this source. What was computed before under the same network, the same pixel values and the same images is read,
 * and a run that was stopped goes on at the first missing shard. Labels play no part.
 * @throws AppError labels-missing where there are no images; what opening the model or the file throws
 */
export async function openEmbeddings(
  folder: ProjectFolder,
  choices: EmbeddingChoices,
  context: RunContext,
  tools: ComputeTools,
): Promise<Embeddings> {
  const samples = listPresentSamples(folder.connection);
  if (samples.length === 0) throw new AppError('labels-missing', { reason: 'the project has no images yet' });
  const source = pinEmbeddingSource(folder, context.runId, choices);
  const embedder = openEmbedder(folder, source, choices, samples);
  const store = openStore(folder, embedder, samples, tools);
  store.discardDamaged();
  await fill(folder, { store, embedder, samples, context, tools });
  return { samples, source, title: embedder.title, store, embedder };
}

/** All rows at once; 100,000 images × 1,280 numbers are 512 MB. */
export function readEmbeddings({ store }: Embeddings): Matrix32 {
  const all = zeros32(store.rowCount, store.columns);
  let row = 0;
  for (const block of store.blocks()) {
    all.data.set(widen(block).data, row * store.columns);
    row += block.rows;
  }
  return all;
}

function openStore(
  folder: ProjectFolder,
  embedder: Embedder,
  samples: readonly PresentSample[],
  { executor }: ComputeTools,
): FeatureStore {
  const { network, identity, size, channels } = embedder;
  return FeatureStore.open(folder.featuresPath, {
    model: identity,
    outputFunction: network === null ? 'pixels' : 'embedding',
    projection: { kind: 'none', size: 0, seed: 0 },
    dataVersion: pixelHash({ images: samples, size, channels }),
    rowIds: samples.map(({ id }) => id),
    columns:
      network === null
        ? channels * size * size
        : predictionProgram(network.network, network.parameters, {
            batchSize: 1,
            profile: executor.profile,
          }).outputs.get('embedding')!.shape[1]!,
    sideColumns: [],
    dtype: 'float16',
  });
}

interface FillWork {
  readonly store: FeatureStore;
  readonly embedder: Embedder;
  readonly samples: readonly PresentSample[];
  readonly context: RunContext;
  readonly tools: ComputeTools;
}

/** The images are read, and a provider is chosen, only where something is missing. */
async function fill(folder: ProjectFolder, work: FillWork): Promise<void> {
  const { store, embedder, context, tools } = work;
  let pixels: PixelSource | null = null;
  const open = async (): Promise<PixelSource> => {
    if (embedder.network !== null) await tools.settleProvider?.(embedder.network);
    return openPixels(folder, work);
  };
  try {
    await store.fill(async (range) => embed(work, (pixels ??= await open()), range), {
      signal: context.signal,
    });
  } finally {
    (pixels as PixelSource | null)?.close();
  }
}

function openPixels(
  folder: ProjectFolder,
  { embedder, samples, context, tools }: FillWork,
): Promise<PixelSource> {
  return openPixelCache({
    cachePath: folder.cachePath,
    images: samples,
    size: embedder.size,
    channels: embedder.channels,
    readPixels: tools.readPixels,
    signal: context.signal,
    onProgress: (count) =>
      context.progress('Reading images', (READING_SHARE * count) / samples.length, { images: count }),
  });
}

async function embed(
  { embedder, samples, context, tools }: FillWork,
  pixels: PixelSource,
  { from, to }: RowRange,
): Promise<FeatureRows> {
  const rows = Int32Array.from({ length: to - from }, (_, place) => from + place);
  const onBatch = (count: number): void => {
    const done = from + count;
    const fraction = READING_SHARE + ((1 - READING_SHARE) * done) / samples.length;
    context.progress('Embedding images', fraction, { images: done });
  };
  const features = await embedRows(embedder, pixels, { rows, tools, signal: context.signal, onBatch });
  return { features, side: {} };
}

interface EmbedWork {
  readonly rows: Int32Array;
  readonly tools: Pick<ComputeTools, 'executor'>;
  readonly signal: AbortSignal;
  readonly onBatch?: (count: number) => void;
}

async function embedRows(
  { network: by }: Embedder,
  pixels: PixelSource,
  { rows, tools, ...watched }: EmbedWork,
): Promise<Float32Array> {
  if (by === null) return readUnitPixels(pixels, rows);
  const { network, parameters, normalization } = by;
  const { embedding } = await predictRows(tools.executor, {
    ...{ classifier: network, parameters, normalization, pixels, rows },
    withEmbedding: true,
    ...watched,
  });
  return embedding.data;
}

/** Images that are no samples, as the samples were embedded: `bytes` [count, channels, size, size] of the embedder. Answers [count, columns]. */
export async function embedOthers(
  { embedder, store }: Embeddings,
  bytes: Uint8Array,
  tools: Pick<ComputeTools, 'executor' | 'settleProvider'>,
  signal: AbortSignal,
): Promise<Matrix32> {
  if (embedder.network !== null) await tools.settleProvider?.(embedder.network);
  const pixels = memoryPixels(bytes, embedder.channels, embedder.size);
  const rows = Int32Array.from({ length: pixels.count }, (_, place) => place);
  const data = await embedRows(embedder, pixels, { rows, tools, signal });
  return makeMatrix(pixels.count, store.columns, data);
}

/** Bytes as numbers in 0…1, one row per image. */
function readUnitPixels(pixels: PixelSource, rows: Int32Array): Float32Array {
  const bytes = new Uint8Array(rows.length * pixels.channels * pixels.size ** 2);
  pixels.read(rows, bytes);
  return Float32Array.from(bytes, (byte) => byte / 255);
}
