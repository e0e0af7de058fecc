/**
 * @file Duplicates among the 60,000 training images of Fashion-MNIST: how many exact ones, how long the search for near ones takes, and how
 * many of the known twins (pairs of different labels whose pixels correlate above 0.98) it proposes, links and shows in one cluster.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Clusters } from '../src/core/curation/images/clusters.ts';
import { resampleByArea } from '../src/core/curation/images/grey-image.ts';
import { hammingDistance, pairsWithin } from '../src/core/curation/images/hamming-search.ts';
import { starClusters } from '../src/core/curation/images/star-clusters.ts';
import { HASHED_SIZE, perceptualHashes } from '../src/core/curation/images/perceptual-hash.ts';
import { issueKindWords } from '../src/contract/issue-kinds.ts';
import { CANDIDATE_RADIUS } from '../src/engine/finding/images/find-duplicates.ts';
import { Signatures } from '../src/engine/finding/images/signatures.ts';
import { readIdx } from '../src/engine/sources/idx.ts';
import { openStoredFile } from '../src/engine/sources/folder-tree.ts';
import type { Bench, BenchResult } from './bench.ts';
import { fashionFolder, fashionMissing } from './data/fashion-mnist.ts';

const folder = process.env['WHENCE_REFERENCE_DATA'] ?? resolve('..', 'shared', 'data', 'reference');
const twinsPath = join(folder, 'fashion_crosslabel_twins.csv');
/** Pixels of twins correlate above this. */
const TWINS = 0.98;
const QUICK_COUNT = 15_000;

export const run: Bench = async ({ quick }) => {
  const missing =
    fashionMissing() ??
    (existsSync(twinsPath) ? null : `${twinsPath} is not there: set WHENCE_REFERENCE_DATA.`);
  if (missing !== null) return { figures: {}, goals: { exactDuplicates: 0 }, table: [[missing]] };
  const { dimensions, data } = await readIdx(
    await openStoredFile(join(fashionFolder, 'train-images-idx3-ubyte.gz')),
  );
  const [all = 0, height = 0, width = 0] = dimensions;
  const count = quick ? QUICK_COUNT : all;
  return search(data, { count, height, width });
};

function search(
  data: Uint8Array,
  { count, height, width }: { count: number; height: number; width: number },
): BenchResult {
  const pixels = (place: number): Uint8Array =>
    data.subarray(place * height * width, (place + 1) * height * width);
  const startedMs = performance.now();
  const hashes = new Set(
    Array.from({ length: count }, (_, place) => createHash('sha256').update(pixels(place)).digest('hex')),
  );
  const { bytes, words } = measure(count, (place) => ({ width, height, data: pixels(place) }));
  const measuredMs = performance.now();
  const signatures = new Signatures(bytes, HASHED_SIZE ** 2);
  const threshold = issueKindWords['near-duplicate'].threshold!.value;
  const clusters = new Clusters(count);
  let candidates = 0;
  for (const { first, second } of pairsWithin(words, CANDIDATE_RADIUS)) {
    candidates++;
    if (signatures.correlation(first, second, false) >= threshold) clusters.join(first, second);
  }
  const doneMs = performance.now();
  const twins = readTwins().filter(([first, second]) => first < count && second < count);
  const proposed = twins.filter(
    ([first, second]) => hammingDistance(words, first, words, second) <= CANDIDATE_RADIUS,
  );
  const connected = clusters.several();
  const isAlike = (first: number, second: number): boolean =>
    signatures.correlation(first, second, false) >= threshold;
  const found = connected.flatMap((places) => starClusters(places, isAlike));
  const clusterOf = new Map(found.flatMap((places, index) => places.map((place) => [place, index] as const)));
  const linked = twins.filter(([first, second]) => clusters.rootOf(first) === clusters.rootOf(second));
  const together = linked.filter(
    ([first, second]) => clusterOf.has(first) && clusterOf.get(first) === clusterOf.get(second),
  );
  const inOne = (places: readonly number[]): number =>
    Math.min(...places.slice(1).map((place) => signatures.correlation(places[0]!, place, false)));
  const figures = {
    images: count,
    exactDuplicates: count - hashes.size,
    twins: twins.length,
    twinsProposed: proposed.length,
    twinsLinked: linked.length,
    twinsTogether: together.length,
    candidates,
    clusters: found.length,
    largestCluster: Math.max(0, ...found.map((items) => items.length)),
    largestChain: Math.max(0, ...connected.map((items) => items.length)),
    leastSimilarity: Math.min(1, ...found.map(inOne)),
    imagesInChains: connected.flat().length,
    imagesInClusters: found.flat().length,
    measureSeconds: (measuredMs - startedMs) / 1000,
    searchSeconds: (doneMs - measuredMs) / 1000,
  };
  const rows = Object.entries(figures).map(([name, value]) => [name, String(Math.round(value * 100) / 100)]);
  return { figures, goals: { exactDuplicates: 0 }, table: [['figure', 'value'], ...rows] };
}

/** Brightness over 32 × 32 and perceptual hash of every image. */
function measure(
  count: number,
  imageAt: (place: number) => Parameters<typeof resampleByArea>[0],
): { bytes: Uint8Array; words: Uint32Array } {
  const bytes = new Uint8Array(count * HASHED_SIZE ** 2);
  const words = new Uint32Array(2 * count);
  for (let place = 0; place < count; place++) {
    const small = resampleByArea(imageAt(place), HASHED_SIZE, HASHED_SIZE);
    bytes.set(Uint8Array.from(small, Math.round), place * HASHED_SIZE ** 2);
    const own = bytes.subarray(place * HASHED_SIZE ** 2, (place + 1) * HASHED_SIZE ** 2);
    words.set(perceptualHashes(own).upright, 2 * place);
  }
  return { bytes, words };
}

/** Each pair whose pixels correlate above 0.98 once, as places among the training images. */
function readTwins(): [number, number][] {
  const lines = readFileSync(twinsPath, 'utf8').trim().split(/\r?\n/).slice(1);
  const pairs = lines.flatMap((line): [number, number][] => {
    const [first = 0, , second = 0, , correlation = 0] = line.split(',').map(Number);
    return correlation > TWINS ? [[Math.min(first, second), Math.max(first, second)]] : [];
  });
  return [...new Map(pairs.map((pair) => [pair.join(), pair])).values()];
}
