/** @file What one asked image is to the training images: the same, a near-copy, or alike. */
import { availableParallelism } from 'node:os';
import { ALIGNED_SIDE, alignable, alignImages, type Alignment } from '../../../core/curation/images/align.ts';
import { toPlacement, type SquareImage } from '../../../core/curation/images/warp.ts';
import type { CopyMatch, FindCopiesConfig, QueryCopies } from '../../../contract/cases-service.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import { mapConcurrently } from '../../images/map-concurrently.ts';
import { readSquare } from '../../images/square-image.ts';
import type { AskedImage } from './asked-images.ts';
import { hashDistance, type Candidates, type SearchedImage } from './find-candidates.ts';
import type { Likeness } from './likeness.ts';
import type { TrainingPictures } from './training-pictures.ts';

export interface ExaminedImage extends AskedImage, SearchedImage {
  readonly pixelHash: string;
}

export interface MatchWork {
  readonly config: FindCopiesConfig;
  readonly pictures: TrainingPictures;
  readonly likeness: Likeness;
  readonly readSquareOf: (sampleId: SampleId) => Promise<SquareImage>;
  readonly signal: AbortSignal;
}

interface AlignWork extends Pick<MatchWork, 'config' | 'readSquareOf' | 'signal'> {
  readonly same: ReadonlyMap<SampleId, unknown>;
}

export async function matchImage(
  image: ExaminedImage,
  /** Its place among all that were asked about. */
  asked: number,
  candidates: Candidates,
  work: MatchWork,
): Promise<QueryCopies> {
  const { config, pictures, likeness } = work;
  const same = sameImages(image, pictures);
  const aligned = await alignAll(image, candidates, { ...work, same });
  const nearest = likeness.nearest[asked]!.slice(0, config.nearest);
  const rankOf = new Map(nearest.map(({ item }, index) => [item, index + 1]));
  const near = [...aligned].filter(([, found]) => found.agreement >= config.agreement).map(([id]) => id);
  const ids = [...new Set([...same.keys(), ...near, ...rankOf.keys()])];
  const known = new Map(likeness.nearest[asked]!.map(({ item, value }) => [item, value]));
  const others = ids.filter((id) => !known.has(id));
  for (const [index, value] of likeness.similarities(asked, others).entries())
    known.set(others[index]!, value);
  const distance = hashDistance(image, pictures);
  const matches = ids.map((sampleId): CopyMatch => {
    const relation = same.get(sampleId) ?? (near.includes(sampleId) ? 'aligned' : 'alike');
    const isSame = relation === 'same-file' || relation === 'same-pixels';
    const found = aligned.get(sampleId);
    const similarity = Math.max(-1, Math.min(1, known.get(sampleId)!));
    return {
      ...{ sampleId, relation, similarity, rank: rankOf.get(sampleId) ?? null },
      hashDistance: distance(pictures.placeOf.get(sampleId)!),
      agreement: isSame ? 1 : (found?.agreement ?? null),
      placement: isSame ? WHOLE : found === undefined ? null : toPlacement(found.warp),
      commonness: likeness.commonness(similarity),
      step: isSame ? 'manifest' : relation === 'aligned' ? 'near-copy' : 'alike',
    };
  });
  const { queryId, role, sampleId, change } = image;
  return {
    ...{ queryId, role, sampleId, change },
    matches: matches.sort(inOrder),
    commonness: nearest[0] === undefined ? null : likeness.commonness(nearest[0].value),
  };
}

const side = { x: 0, y: 0, width: 1, height: 1 };
const WHOLE = { mirrored: false, query: side, sample: side };

const ORDER: readonly CopyMatch['relation'][] = ['same-file', 'same-pixels', 'aligned', 'alike'];

/** The same first, then near-copies by how well they agree, then by likeness. */
function inOrder(a: CopyMatch, b: CopyMatch): number {
  const byRelation = ORDER.indexOf(a.relation) - ORDER.indexOf(b.relation);
  if (byRelation !== 0) return byRelation;
  const byAgreement = a.relation === 'aligned' ? b.agreement! - a.agreement! : 0;
  return byAgreement || b.similarity - a.similarity || a.sampleId - b.sampleId;
}

function sameImages(
  { sha256, pixelHash }: ExaminedImage,
  { samples }: TrainingPictures,
): Map<SampleId, 'same-file' | 'same-pixels'> {
  const same = new Map<SampleId, 'same-file' | 'same-pixels'>();
  for (const sample of samples)
    if (sample.sha256 === sha256) same.set(sample.id, 'same-file');
    else if (sample.pixelHash === pixelHash) same.set(sample.id, 'same-pixels');
  return same;
}

async function alignAll(
  image: ExaminedImage,
  candidates: Candidates,
  { config, readSquareOf, same, signal }: AlignWork,
): Promise<Map<SampleId, Alignment>> {
  const query = alignable(await readSquare({ kind: 'file', bytes: image.bytes }, ALIGNED_SIDE));
  const limits = { leastCoverage: config.leastOverlap, leastAgreement: config.agreement };
  const aligned = new Map<SampleId, Alignment>();
  const others = [...candidates].filter(([sampleId]) => !same.has(sampleId));
  await mapConcurrently(
    others,
    availableParallelism() + 1,
    async ([sampleId, beginnings]) => {
      const sample = alignable(await readSquareOf(sampleId));
      const found = alignImages(query, sample, beginnings, limits);
      if (found !== null) aligned.set(sampleId, found);
    },
    signal,
  );
  return aligned;
}
