/** @file Images that lie far from all others in an embedding, or from the others of their class. */
import { strangeness } from '../../../core/curation/images/strangeness.ts';
import { rowOf } from '../../../core/linalg/row-algebra.ts';
import { unitRows } from '../../../core/linalg/unit-rows.ts';
import type { FindIssuesConfig } from '../../../contract/image-issues-service.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import { readEmbeddings, type Embeddings } from '../../embedding/open-embeddings.ts';
import { nearestImages } from '../../grouping/nearest-images.ts';
import type { KindScan } from '../../storage/image-issues.ts';
import { scanValues } from './kind-scan.ts';

/** Neighbours whose mean distance counts. */
const NEIGHBOURS = 10;
/** A class of fewer images has no neighbourhood of its own. */
const LEAST_CLASS = 2 * NEIGHBOURS;

/** An image and those nearest to it, as rows of the embedding, with 1 − cosine of each. */
interface Neighbourhood {
  readonly rows: Int32Array;
  readonly distances: readonly number[];
}

export interface NearPair {
  readonly first: SampleId;
  readonly second: SampleId;
}

export interface EmbeddingFindings {
  readonly outliers: KindScan;
  /** Each image with its nearest: candidates for near duplicates, to be looked at by their pixels. */
  readonly neighbours: readonly NearPair[];
  /** Images that are alike to the model; none where that is not looked at. */
  readonly pairs: readonly NearPair[];
}

export async function findInEmbedding(
  embeddings: Embeddings,
  config: FindIssuesConfig,
  { matrixEngine }: ComputeTools,
  signal: AbortSignal,
): Promise<EmbeddingFindings> {
  const { samples } = embeddings;
  // Of rows of length 1, nearest by distance is nearest by cosine.
  const matrix = unitRows(readEmbeddings(embeddings));
  const units = samples.map((_, row) => Float32Array.from(rowOf(matrix, row)));
  const neighboursAmong = async (rows: Int32Array): Promise<Neighbourhood[]> => {
    const read = (some: Int32Array): Float32Array[] => Array.from(some, (row) => units[row]!);
    const lists = await nearestImages(read, rows, rows, NEIGHBOURS + 1, matrixEngine, signal);
    return lists.map((list, place) => {
      const others = list.filter((row) => row !== rows[place]).subarray(0, NEIGHBOURS);
      const own = units[rows[place]!]!;
      return { rows: others, distances: Array.from(others, (row) => Math.max(0, 1 - dot(own, units[row]!))) };
    });
  };
  const all = await neighboursAmong(Int32Array.from(samples.keys()));
  const overall = strangeness(meanDistances(all));
  const within = new Float64Array(samples.length).fill(NaN);
  for (const rows of rowsByLabel(samples)) {
    if (rows.length < LEAST_CLASS) continue;
    const ofClass = strangeness(meanDistances(await neighboursAmong(rows)));
    for (const [place, row] of rows.entries()) within[row] = ofClass[place]!;
  }
  const values = overall.map((value, row) => (within[row]! > value ? within[row]! : value));
  const ids = samples.map(({ id }) => id);
  const scan = scanValues('outlier', ids, values, config.thresholds);
  const rowOfId = new Map(ids.map((id, row) => [id, row]));
  const issues = scan.issues.map((issue) => {
    const row = rowOfId.get(issue.members[0]!.sampleId)!;
    const detail =
      within[row]! > overall[row]! ? 'Far from the others of its class' : 'Far from all other images';
    return { ...issue, detail };
  });
  return {
    outliers: { ...scan, issues },
    neighbours: nearPairs(ids, all, -1),
    pairs: nearPairs(ids, all, config.embeddingSimilarity),
  };
}

function meanDistances(neighbourhoods: readonly Neighbourhood[]): Float64Array {
  return Float64Array.from(neighbourhoods, ({ distances }) =>
    distances.length === 0 ? NaN : distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
  );
}

function nearPairs(
  ids: readonly SampleId[],
  neighbourhoods: readonly Neighbourhood[],
  similarity: number | null,
): NearPair[] {
  if (similarity === null) return [];
  return neighbourhoods.flatMap(({ rows, distances }, row) =>
    Array.from(rows).flatMap((other, place) =>
      1 - distances[place]! >= similarity ? [{ first: ids[row]!, second: ids[other]! }] : [],
    ),
  );
}

function rowsByLabel(samples: Embeddings['samples']): Int32Array[] {
  const rows = new Map<number, number[]>();
  for (const [row, { label }] of samples.entries()) {
    if (label === null) continue;
    const list = rows.get(label);
    if (list === undefined) rows.set(label, [row]);
    else list.push(row);
  }
  return Array.from(rows.values(), (list) => Int32Array.from(list));
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}
