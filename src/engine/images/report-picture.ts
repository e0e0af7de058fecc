/** @file An image as a report shows it: its pixels and nothing else of its file; or blurred, so that what was in it cannot be made out or brought back. */
import sharp from 'sharp';
import type { StoredImage } from '../sources/image-array.ts';
import { explain, prepareImage } from './decode.ts';
import { toImageFile } from './original.ts';

/** Longer side of a picture. */
const LARGEST = 512;
/** Larger ones are photographs more often than not, and a report holds many. */
const LARGEST_LOSSLESS = 160;
/** What is left of a blurred picture: squares of this many to a side, drawn smoothly. */
const BLURRED_SIDE = 6;

export interface EncodedReportPicture {
  readonly bytes: Uint8Array;
  readonly type: 'image/png' | 'image/jpeg';
  readonly width: number;
  readonly height: number;
}

/** Throws an `ImageError` where it cannot be decoded. */
export async function encodeReportPicture(
  stored: StoredImage,
  isBlurred: boolean,
): Promise<EncodedReportPicture> {
  const image = prepareImage(await toImageFile(stored));
  return explain(image, async () => {
    const fitted = image
      .pipeline()
      .flatten({ background: '#ffffff' })
      .resize(LARGEST, LARGEST, { fit: 'inside', withoutEnlargement: true });
    const { data, info } = await fitted.raw().toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const raw = { raw: { width, height, channels: channels as 1 | 3 } };
    const pixels = isBlurred ? await blurred(data, width, height, channels as 1 | 3) : data;
    const isSmall = Math.max(width, height) <= LARGEST_LOSSLESS;
    const shown = channels === 1 ? sharp(pixels, raw).toColourspace('b-w') : sharp(pixels, raw);
    const bytes = isSmall ? await shown.png().toBuffer() : await shown.jpeg({ quality: 90 }).toBuffer();
    return { bytes, type: isSmall ? 'image/png' : 'image/jpeg', width, height };
  });
}

async function blurred(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3,
): Promise<Uint8Array> {
  const small = await sharp(pixels, { raw: { width, height, channels } })
    .resize(BLURRED_SIDE, BLURRED_SIDE, { fit: 'fill', kernel: 'linear' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();
  return sharp(small, { raw: { width: BLURRED_SIDE, height: BLURRED_SIDE, channels } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();
}
