/** @file How alike images look: the nearest training images of each, and how common it is to have one that near. */
import { throwIfCancelled } from '../../../core/base/app-error.ts';
import { Random } from '../../../core/base/random.ts';
import { TopList, type Ranked } from '../../../core/base/top-list.ts';
import { makeMatrix, type Matrix } from '../../../core/linalg/matrix.ts';
import { widen } from '../../../core/linalg/rows.ts';
import { unitRows } from '../../../core/linalg/unit-rows.ts';
import { EmbeddingChoices } from '../../../contract/embedding-choices.ts';
import type { FindCopiesConfig } from '../../../contract/cases-service.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import { partOf } from '../../attributing/progress-part.ts';
import { embedOthers, openEmbeddings, type Embeddings } from '../../embedding/open-embeddings.ts';
import { pixelsOf } from '../../images/file-pixels.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';

/** Training images whose own nearest neighbour says what is common. */
const SAMPLED = 500;
/** Part of the work that is done once every image is embedded. */
const EMBEDDED = 0.9;
/** Below so many training images there is nothing to call common. */
const FEWEST = 20;

export interface Likeness {
  /** For a person: by what images were held alike. */
  readonly title: string;
  /** Per asked image, the most alike first. */
  readonly nearest: readonly (readonly Ranked<SampleId>[])[];
  /** Of one asked image with these training images. */
  similarities(asked: number, sampleIds: readonly SampleId[]): number[];
  /** Part of the sampled training images whose own nearest other is at least that alike; null: too few. */
  commonness(similarity: number): number | null;
}

/** Memory does not grow with the number of images: rows stream by. */
export async function findLikeness(
  folder: ProjectFolder,
  images: readonly { readonly bytes: Uint8Array }[],
  config: Pick<FindCopiesConfig, 'modelId' | 'nearest' | 'seed'>,
  context: RunContext,
  tools: ComputeTools,
): Promise<Likeness> {
  const { modelId } = config;
  const choices = EmbeddingChoices.parse({ source: modelId === null ? 'pixels' : 'model', modelId });
  const embeddings = await openEmbeddings(folder, choices, partOf(context, 0, EMBEDDED), tools);
  const asked = comparable(embeddings, await embedAsked(embeddings, images, context, tools));
  const { samples, store, title } = embeddings;
  const train = Int32Array.from(samples.flatMap(({ split }, row) => (split === 'train' ? [row] : [])));
  const drawn = new Random(config.seed, 'nearest neighbours of training images')
    .shuffle(train.slice())
    .slice(0, train.length < FEWEST ? 0 : SAMPLED);
  const own = comparable(embeddings, store.rowsAt(drawn));
  const nearest = images.map(() => new TopList<SampleId>(config.nearest));
  const nearestOfDrawn = new Float32Array(drawn.length).fill(-1);
  let firstRow = 0;
  for (const rows of store.blocks()) {
    throwIfCancelled(context.signal);
    const block = comparable(embeddings, widen(rows));
    const products = await tools.matrixEngine.multiply(stack(asked, own), block, { transposeB: true });
    for (let column = 0; column < block.rows; column++) {
      const row = firstRow + column;
      if (samples[row]!.split !== 'train') continue;
      for (const [place, list] of nearest.entries())
        list.offer(products.data[place * products.columns + column]!, samples[row]!.id);
      for (const [place, drawnRow] of drawn.entries()) {
        const similarity = products.data[(asked.rows + place) * products.columns + column]!;
        if (drawnRow !== row && similarity > nearestOfDrawn[place]!) nearestOfDrawn[place] = similarity;
      }
    }
    firstRow += block.rows;
    const done = EMBEDDED + ((1 - EMBEDDED) * firstRow) / samples.length;
    context.progress('Comparing images', done, { images: firstRow });
  }
  const rowOf = new Map(samples.map(({ id }, row) => [id, row]));
  nearestOfDrawn.sort();
  return {
    title,
    nearest: nearest.map((list) => list.entries()),
    similarities: (place, ids) => {
      const others = comparable(embeddings, store.rowsAt(ids.map((id) => rowOf.get(id)!)));
      return ids.map((_, index) => dot(asked, place, others, index));
    },
    commonness: (similarity) => shareAtLeast(nearestOfDrawn, similarity),
  };
}

async function embedAsked(
  embeddings: Embeddings,
  images: readonly { readonly bytes: Uint8Array }[],
  context: RunContext,
  tools: ComputeTools,
): Promise<Matrix> {
  const { size, channels } = embeddings.embedder;
  const pixels = new Uint8Array(images.length * channels * size * size);
  for (const [place, { bytes }] of images.entries())
    pixels.set(await pixelsOf(bytes, { size, channels }), place * channels * size * size);
  return embedOthers(embeddings, pixels, tools, context.signal);
}

/** Rows whose products say how alike they are: cosines of embeddings, correlations of pixels. */
function comparable({ embedder }: Embeddings, rows: Matrix): Matrix {
  return unitRows(embedder.network === null ? aboutMeans(rows) : rows);
}

function aboutMeans({ rows, columns, data }: Matrix): Matrix {
  const centred = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += columns) {
    let sum = 0;
    for (let at = start; at < start + columns; at++) sum += data[at]!;
    for (let at = start; at < start + columns; at++) centred[at] = data[at]! - sum / columns;
  }
  return makeMatrix(rows, columns, centred);
}

function stack(a: Matrix, b: Matrix): Matrix {
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return makeMatrix(a.rows + b.rows, a.columns, data);
}

function dot(a: Matrix, row: number, b: Matrix, other: number): number {
  let sum = 0;
  for (let at = 0; at < a.columns; at++)
    sum += a.data[row * a.columns + at]! * b.data[other * b.columns + at]!;
  return sum;
}

/** `sorted` rising; null where it is empty. Half-precision rows are equal to themselves only so far. */
function shareAtLeast(sorted: Float32Array, value: number): number | null {
  if (sorted.length === 0) return null;
  const below = sorted.findIndex((other) => other >= value - 1e-6);
  return below < 0 ? 0 : (sorted.length - below) / sorted.length;
}
