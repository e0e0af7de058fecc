/** @file What is looked for: the queries, and beside them images of which it is known what has to be found. */
import { Random } from '../../../core/base/random.ts';
import type { QueryCopies } from '../../../contract/cases-service.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import { toPixels } from '../../generating/make-images.ts';
import { readQueryImage } from '../../generating/query-files.ts';
import { unrelatedPattern } from '../../generating/unrelated-pattern.ts';
import { changeImage, type ImageChange } from '../../images/change-image.ts';
import { encodePixels } from '../../images/encode-pixels.ts';
import { toImageFile } from '../../images/original.ts';
import { createSampleReader } from '../../images/sample-files.ts';
import type { MeasuredSample } from '../../storage/image-measures.ts';
import { locateSamples } from '../../storage/imports.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import type { StoredQuery } from '../../storage/queries.ts';

const KNOWN = 4;
const HELD_OUT = 8;
/** Part of each side that a cropped control keeps. */
const CROPPED = 0.6;
/** Contrast below which an image is too plain to be known again by anything but its bytes. */
const LEAST_CONTRAST = 0.05;
const PATTERN_SIDE = 64;

export interface AskedImage extends Pick<QueryCopies, 'queryId' | 'role' | 'sampleId' | 'change'> {
  /** Of the file; null: it was made here, for this search alone. */
  readonly sha256: string | null;
  readonly bytes: Uint8Array;
}

export async function askedImages(
  folder: ProjectFolder,
  queries: readonly StoredQuery[],
  samples: readonly MeasuredSample[],
  seed: number,
): Promise<AskedImage[]> {
  const controls = [
    ...(await knownImages(folder, samples, seed)),
    ...(await heldOutImages(folder, samples, seed)),
    await pattern(seed),
  ];
  return [
    ...queries.map(({ id, sha256 }): AskedImage => {
      const { bytes } = readQueryImage(folder, id);
      return { queryId: id, role: 'query', sampleId: null, change: '', sha256, bytes };
    }),
    ...controls.map((control, index) => ({ ...control, queryId: -1 - index })),
  ];
}

type Control = Omit<AskedImage, 'queryId'>;

/** A few training images: as they are, mirrored, cropped, and both. */
async function knownImages(
  folder: ProjectFolder,
  samples: readonly MeasuredSample[],
  seed: number,
): Promise<Control[]> {
  const candidates = samples.filter(({ split, contrast }) => split === 'train' && contrast >= LEAST_CONTRAST);
  const known = new Random(seed, 'known training images').shuffle(candidates.slice()).slice(0, KNOWN);
  const random = new Random(seed, 'crops of known training images');
  const controls: Control[] = [];
  for (const { id, sha256 } of known) {
    const bytes = await fileOf(folder, id);
    const crop = {
      x: (1 - CROPPED) * random.uniform(),
      y: (1 - CROPPED) * random.uniform(),
      side: CROPPED,
    };
    const changed = async (change: string, how: ImageChange): Promise<Control> => ({
      ...{ role: 'training-image', sampleId: id, change, sha256: null },
      bytes: await changeImage(bytes, how),
    });
    controls.push(
      { role: 'training-image', sampleId: id, change: '', sha256, bytes },
      await changed('mirrored', { mirrored: true, crop: null }),
      await changed(`cropped to ${100 * CROPPED} %`, { mirrored: false, crop }),
      await changed(`mirrored, cropped to ${100 * CROPPED} %`, { mirrored: true, crop }),
    );
  }
  return controls;
}

async function heldOutImages(
  folder: ProjectFolder,
  samples: readonly MeasuredSample[],
  seed: number,
): Promise<Control[]> {
  const others = samples.filter(({ split }) => split !== 'train');
  const chosen = new Random(seed, 'held-out control').shuffle(others).slice(0, HELD_OUT);
  const controls: Control[] = [];
  for (const { id, sha256 } of chosen)
    controls.push({
      ...{ role: 'held-out-image', sampleId: id, change: '', sha256, bytes: await fileOf(folder, id) },
    });
  return controls;
}

async function pattern(seed: number): Promise<Control> {
  const shape = { channels: 3, size: PATTERN_SIDE } as const;
  const { picture } = unrelatedPattern(shape, seed);
  const bytes = await encodePixels(toPixels(picture), shape);
  return { role: 'unrelated', sampleId: null, change: '', sha256: null, bytes };
}

async function fileOf({ connection }: ProjectFolder, id: SampleId): Promise<Uint8Array> {
  const [location] = locateSamples(connection, [id]);
  return toImageFile(await createSampleReader()(location!));
}
