/**
 * @file Clusters of images that are the same or nearly so, and those of them that lie in more than one split.
 *
 * [Note: Near duplicates] A perceptual hash finds candidates fast but errs on small and plain images, where few frequencies tell
 * anything. So it is asked generously, beside the nearest neighbours in an embedding where there is one, and a pair counts where the brightness
 * of both, over 32 × 32, correlates as well. What hangs together by pairs is then split about representatives (`star-clusters.ts`): every member is
 * alike to the first itself, not through others.
 */
import { createHash } from 'node:crypto';
import { throwIfCancelled } from '../../../core/base/app-error.ts';
import { Clusters } from '../../../core/curation/images/clusters.ts';
import { starClusters } from '../../../core/curation/images/star-clusters.ts';
import { pairsAcross, pairsWithin } from '../../../core/curation/images/hamming-search.ts';
import { HASHED_SIZE, perceptualHashes } from '../../../core/curation/images/perceptual-hash.ts';
import type { ImageIssueKind } from '../../../contract/issue-kinds.ts';
import type { FindIssuesConfig, MemberRelation } from '../../../contract/image-issues-service.ts';
import type { Connection } from '../../storage/connection.ts';
import type { FoundImageIssue, KindScan } from '../../storage/image-issues.ts';
import { readSignatures, type MeasuredSample } from '../../storage/image-measures.ts';
import { blankTest } from './judge-quality.ts';
import type { NearPair } from './find-outliers.ts';
import { thresholdOf } from './kind-scan.ts';
import { Signatures } from './signatures.ts';

/** Bits in which the hashes of candidates may differ. */
export const CANDIDATE_RADIUS = 15;
const SIGNATURE_BYTES = HASHED_SIZE ** 2;
/** Candidates between two looks at whether somebody cancelled. */
const CANCEL_INTERVAL = 100_000;

export interface DuplicateSearch {
  readonly config: FindIssuesConfig;
  readonly signal: AbortSignal;
  /** Images that an embedding finds near each other: candidates like those of the hash. */
  readonly neighbours: readonly NearPair[];
  /** Images that an embedding finds so alike that nothing else is asked. */
  readonly pairs: readonly NearPair[];
}

/** Several samples of one kind of likeness. */
interface Cluster {
  readonly samples: readonly MeasuredSample[];
  readonly isExact: boolean;
  readonly issue: FoundImageIssue;
}

export function findDuplicates(
  connection: Connection,
  samples: readonly MeasuredSample[],
  search: DuplicateSearch,
): KindScan[] {
  const { config } = search;
  const wants = (kind: ImageIssueKind): boolean => config.kinds.includes(kind);
  if (!wants('exact-duplicate') && !wants('near-duplicate') && !wants('leakage')) return [];
  const copies = groupByPixels(samples);
  const exact = copies.filter((group) => group.length > 1).map((group) => exactCluster(group));
  const near = wants('near-duplicate') || wants('leakage') ? nearClusters(connection, copies, search) : [];
  const isLeak = ({ samples: members }: Cluster): boolean =>
    wants('leakage') && new Set(members.map(({ split }) => split)).size > 1;
  const inNearLeak = new Set(near.filter(isLeak).flatMap((cluster) => cluster.samples.map(({ id }) => id)));
  // A leak is listed once: as the widest cluster, and under no other kind.
  const exactLeaks = exact.filter((cluster) => isLeak(cluster) && !inNearLeak.has(cluster.samples[0]!.id));
  const found: Partial<Record<ImageIssueKind, readonly Cluster[]>> = {
    'exact-duplicate': exact.filter((cluster) => !isLeak(cluster)),
    'near-duplicate': near.filter((cluster) => !isLeak(cluster)),
    leakage: [...exactLeaks, ...near.filter(isLeak)].map(withSplits),
  };
  return config.kinds.flatMap((kind) => {
    const clusters = found[kind];
    if (clusters === undefined) return [];
    const issues = clusters.map(({ issue }) => issue).toSorted((a, b) => b.score - a.score);
    return [
      {
        kind,
        threshold: thresholdOf(kind, config.thresholds),
        examined: samples.length,
        histogram: null,
        issues,
      },
    ];
  });
}

/** Images of equal pixels together, groups by their first image. */
function groupByPixels(samples: readonly MeasuredSample[]): MeasuredSample[][] {
  const groups = new Map<string, MeasuredSample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.pixelHash);
    if (group === undefined) groups.set(sample.pixelHash, [sample]);
    else group.push(sample);
  }
  return [...groups.values()];
}

function exactCluster(samples: readonly MeasuredSample[]): Cluster {
  const relationTo = (sample: MeasuredSample): MemberRelation =>
    sample.sha256 === samples[0]!.sha256 ? 'same-file' : 'same-pixels';
  const members = samples.map((sample, place) => ({
    sampleId: sample.id,
    similarity: 1,
    relation: place === 0 ? ('first' as const) : relationTo(sample),
  }));
  return { samples, isExact: true, issue: { ...describe(samples), score: 1, value: 1, members } };
}

/** Clusters of different pixels that are alike to the first of them, with every exact copy of their members. */
function nearClusters(
  connection: Connection,
  copies: readonly (readonly MeasuredSample[])[],
  { config, signal, neighbours, pairs }: DuplicateSearch,
): Cluster[] {
  const isBlank = blankTest(config.thresholds);
  const comparable = copies.filter(([first]) => !isBlank(first!));
  const threshold = thresholdOf('near-duplicate', config.thresholds)!;
  const ids = comparable.map(([first]) => first!.id);
  const signatures = new Signatures(readSignatures(connection, ids, SIGNATURE_BYTES), SIGNATURE_BYTES);
  const clusters = new Clusters(comparable.length);
  let seen = 0;
  const compare = ({ first, second, isMirrored }: CandidatePair): void => {
    if (++seen % CANCEL_INTERVAL === 0) throwIfCancelled(signal);
    if (clusters.rootOf(first) === clusters.rootOf(second)) return;
    if (signatures.correlation(first, second, isMirrored) >= threshold) clusters.join(first, second);
  };
  for (const pair of candidatePairs(signatures, config.mirrored)) compare(pair);
  const isPaired = new Set<string>();
  const placeOf = new Map(comparable.flatMap((group, place) => group.map(({ id }) => [id, place] as const)));
  const placesOf = (pair: NearPair): CandidatePair | null => {
    const [first, second] = [placeOf.get(pair.first), placeOf.get(pair.second)];
    return first === undefined || second === undefined ? null : { first, second, isMirrored: false };
  };
  for (const pair of neighbours) {
    const places = placesOf(pair);
    if (places === null) continue;
    compare(places);
    if (config.mirrored) compare({ ...places, isMirrored: true });
  }
  for (const pair of pairs) {
    const places = placesOf(pair);
    if (places === null) continue;
    clusters.join(places.first, places.second);
    isPaired.add(pairKey(places.first, places.second));
  }
  const isAlike = (first: number, second: number): boolean =>
    isPaired.has(pairKey(first, second)) ||
    signatures.correlation(first, second, false) >= threshold ||
    (config.mirrored && signatures.correlation(first, second, true) >= threshold);
  return clusters
    .several()
    .flatMap((places) => starClusters(places, isAlike))
    .map((places) => nearCluster(places, comparable, signatures, config));
}

function pairKey(first: number, second: number): string {
  return first < second ? `${first} ${second}` : `${second} ${first}`;
}

/** Places among the images that are compared. */
interface CandidatePair {
  readonly first: number;
  readonly second: number;
  readonly isMirrored: boolean;
}

function* candidatePairs(signatures: Signatures, withMirrored: boolean): Generator<CandidatePair> {
  const upright = new Uint32Array(2 * signatures.count);
  const mirrored = new Uint32Array(2 * signatures.count);
  for (let place = 0; place < signatures.count; place++) {
    const hashes = perceptualHashes(signatures.of(place));
    upright.set(hashes.upright, 2 * place);
    mirrored.set(hashes.mirrored, 2 * place);
  }
  for (const pair of pairsWithin(upright, CANDIDATE_RADIUS)) yield { ...pair, isMirrored: false };
  if (!withMirrored) return;
  for (const pair of pairsAcross(upright, mirrored, CANDIDATE_RADIUS)) yield { ...pair, isMirrored: true };
}

function nearCluster(
  places: readonly number[],
  copies: readonly (readonly MeasuredSample[])[],
  signatures: Signatures,
  { mirrored, thresholds }: FindIssuesConfig,
): Cluster {
  const threshold = thresholdOf('near-duplicate', thresholds)!;
  const first = places[0]!;
  const members = places.flatMap((place) => {
    const upright = place === first ? 1 : signatures.correlation(first, place, false);
    const turned = mirrored && place !== first ? signatures.correlation(first, place, true) : -1;
    const similarity = Math.max(upright, turned);
    return copies[place]!.map((sample) => ({
      sample,
      similarity,
      relation: relationOf(sample, similarity, turned > upright),
    }));
  });
  function relationOf(sample: MeasuredSample, similarity: number, isTurned: boolean): MemberRelation {
    const origin = copies[first]![0]!;
    if (sample.id === origin.id) return 'first';
    if (sample.sha256 === origin.sha256) return 'same-file';
    if (sample.pixelHash === origin.pixelHash) return 'same-pixels';
    if (similarity < threshold) return 'embedding';
    return isTurned ? 'mirrored' : 'alike';
  }
  const samples = members.map(({ sample }) => sample);
  const value = Math.min(...members.map(({ similarity }) => similarity));
  const issue = {
    ...describe(samples),
    score: Math.max(0, value),
    value,
    members: members.map(({ sample, similarity, relation }) => ({
      sampleId: sample.id,
      similarity,
      relation,
    })),
  };
  return { samples, isExact: false, issue };
}

function describe(
  samples: readonly MeasuredSample[],
): Pick<FoundImageIssue, 'key' | 'detail' | 'conflicting'> {
  const labels = new Set(samples.flatMap(({ label }) => (label === null ? [] : [label])));
  const ids = samples.map(({ id }) => id).toSorted((a, b) => a - b);
  return {
    key: createHash('sha256').update(ids.join()).digest('hex').slice(0, 16),
    detail: '',
    conflicting: labels.size > 1,
  };
}

/** 'train, test: the same pixels'. The first two of the cluster are of two splits: they are what is compared first. */
function withSplits(cluster: Cluster): Cluster {
  const splits = (['train', 'val', 'test'] as const).filter((split) =>
    cluster.samples.some((sample) => sample.split === split),
  );
  const likeness = cluster.isExact ? 'the same pixels' : 'nearly the same';
  const splitOf = new Map(cluster.samples.map(({ id, split }) => [id, split]));
  const [first, ...others] = cluster.issue.members;
  const other = others.find(({ sampleId }) => splitOf.get(sampleId) !== splitOf.get(first!.sampleId))!;
  const members = [first!, other, ...others.filter((member) => member !== other)];
  return { ...cluster, issue: { ...cluster.issue, members, detail: `${splits.join(', ')}: ${likeness}` } };
}
