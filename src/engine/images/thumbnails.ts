/** @file Small pictures for the grid (96) and the viewer's first glance (256): WebP, made at import, remade when gone. */
import type { ThumbnailSize } from '../../contract/samples-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { MEDIA_TYPES, sniffImageFormat } from '../formats/image-format.ts';
import { encodeGreyPng } from '../formats/grey-png.ts';
import { locateSamples } from '../storage/imports.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import {
  findThumbnail,
  findThumbnails,
  saveThumbnails,
  type StoredThumbnail,
} from '../storage/thumbnails.ts';
import type { StoredImage } from '../sources/image-array.ts';
import { explain, LARGEST_PIXEL_COUNT, openImage, type OpenedImage } from './decode.ts';
import { readStoredImage } from './sample-files.ts';
import sharp from 'sharp';

const SMALL = 96;
const LARGE = 256;
/** Quick to encode, and larger than the best by a tenth: import speed counts more. */
const ENCODING = { quality: 82, effort: 2 } as const;

/** A small file of few bytes is its own thumbnail. */
const LARGEST_KEPT_BYTES = 8192;

export interface EncodedPicture {
  readonly bytes: Uint8Array;
  readonly type: string;
}

/** A sample's picture of at most `size` pixels on the longer side. */
export async function readThumbnail(
  folder: ProjectFolder,
  id: SampleId,
  size: ThumbnailSize,
): Promise<EncodedPicture> {
  const stored = findThumbnail(folder.thumbnails, id, size);
  if (stored !== null) return picture(stored);
  const [location] = locateSamples(folder.connection, [id]);
  const source = await readStoredImage(location!);
  const pictures =
    source.kind === 'pixels'
      ? await renderPixelThumbnails(source)
      : await renderThumbnails(await openImage(source.bytes));
  saveThumbnails(folder.thumbnails, [{ id, pictures }]);
  return picture(pictures.findLast((made) => made.size <= size)!.bytes);
}

/** Those that are stored, in the order of the ids; null where there is none. */
export function readStoredThumbnails(
  folder: ProjectFolder,
  ids: readonly SampleId[],
  size: ThumbnailSize,
): (EncodedPicture | null)[] {
  return findThumbnails(folder.thumbnails, ids, size).map((stored) =>
    stored === null ? null : picture(stored),
  );
}

/** Both sizes of an image, smallest first. An image that is smaller than 96 is kept as it is, once, without loss. */
export async function renderThumbnails(image: OpenedImage): Promise<StoredThumbnail[]> {
  return explain(image, async () => {
    if (image.width <= SMALL && image.height <= SMALL) {
      if (image.isPlain && image.bytes.length <= LARGEST_KEPT_BYTES) {
        // Decoded all the same, to find out whether it is whole.
        await image.pipeline().raw().toBuffer();
        return [{ size: SMALL, bytes: image.bytes }];
      }
      const kept = await image.pipeline().webp({ lossless: true, effort: 0 }).toBuffer();
      return [{ size: SMALL, bytes: kept }];
    }
    // The original is decoded once; the small picture is made of the large one.
    const { data, info } = await image
      .pipeline()
      .resize(LARGE, LARGE, { fit: 'inside', withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
    const [small, large] = await Promise.all([
      sharp(data, raw).resize(SMALL, SMALL, { fit: 'inside' }).webp(ENCODING).toBuffer(),
      sharp(data, raw).webp(ENCODING).toBuffer(),
    ]);
    return [
      { size: SMALL, bytes: small },
      { size: LARGE, bytes: large },
    ];
  });
}

/** The same for bare pixels. Small grey ones become PNG by our own writer, which is ten times quicker to write than WebP. */
export async function renderPixelThumbnails({
  pixels,
  width,
  height,
  channels,
}: Extract<StoredImage, { kind: 'pixels' }>): Promise<StoredThumbnail[]> {
  const isSmall = width <= SMALL && height <= SMALL;
  if (isSmall && channels === 1) return [{ size: SMALL, bytes: encodeGreyPng(pixels, width, height) }];
  const image = sharp(pixels, { raw: { width, height, channels }, limitInputPixels: LARGEST_PIXEL_COUNT });
  if (isSmall) return [{ size: SMALL, bytes: await image.webp({ lossless: true, effort: 0 }).toBuffer() }];
  const sized = (size: number): Promise<Buffer> =>
    image.clone().resize(size, size, { fit: 'inside', withoutEnlargement: true }).webp(ENCODING).toBuffer();
  const [small, large] = await Promise.all([sized(SMALL), sized(LARGE)]);
  return [
    { size: SMALL, bytes: small },
    { size: LARGE, bytes: large },
  ];
}

function picture(bytes: Uint8Array): EncodedPicture {
  return { bytes, type: MEDIA_TYPES[sniffImageFormat(bytes) ?? 'webp'] };
}
