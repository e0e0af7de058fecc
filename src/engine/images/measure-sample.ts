/** @file Pixels of a sample, measured: its quality, a hash of its content, and a small picture of its brightness. */
import { createHash } from 'node:crypto';
import sharp, { type Sharp } from 'sharp';
import { resampleByArea, toGrey, type GreyImage } from '../../core/curation/images/grey-image.ts';
import { measureImage } from '../../core/curation/images/image-measures.ts';
import { HASHED_SIZE } from '../../core/curation/images/perceptual-hash.ts';
import type { StoredImage } from '../sources/image-array.ts';
import type { MeasuredPixels } from '../storage/image-measures.ts';
import { explain, prepareImage } from './decode.ts';

/** Longer side that is measured: sharpness is compared between images, so it is taken at the size they are looked at. */
const MEASURED_SIDE = 512;

/** Interleaved pixels, upright, on white. */
interface Decoded {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** An `ImageError` says why it cannot be read. */
export async function measureSample(source: StoredImage): Promise<MeasuredPixels> {
  const decoded = await decode(source);
  const grey = await greyOf(decoded);
  const signature = Uint8Array.from(resampleByArea(grey, HASHED_SIZE, HASHED_SIZE), Math.round);
  return { ...measureImage(grey), pixelHash: hashPixels(decoded), signature };
}

async function decode(source: StoredImage): Promise<Decoded> {
  if (source.kind === 'pixels') {
    const { pixels, width, height, channels } = source;
    return onWhite(sharp(pixels, { raw: { width, height, channels } }));
  }
  const image = prepareImage(source.bytes);
  return explain(image, () => onWhite(image.pipeline()));
}

async function onWhite(pipeline: Sharp): Promise<Decoded> {
  const { data, info } = await pipeline
    .flatten({ background: '#ffffff' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return withoutColour({ data, width, height, channels: channels === 1 ? 1 : 3 });
}

/** One channel where all three are the same everywhere, so that a grey image is the same however it was saved. */
function withoutColour(decoded: Decoded): Decoded {
  const { data, width, height, channels } = decoded;
  if (channels === 1) return decoded;
  for (let at = 0; at < data.length; at += 3)
    if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return decoded;
  const grey = new Uint8Array(width * height);
  for (let pixel = 0; pixel < grey.length; pixel++) grey[pixel] = data[3 * pixel]!;
  return { data: grey, width, height, channels: 1 };
}

async function greyOf({ data, width, height, channels }: Decoded): Promise<GreyImage> {
  if (Math.max(width, height) <= MEASURED_SIDE) return toGrey(data, width, height, channels);
  const smaller = await sharp(data, { raw: { width, height, channels } })
    .resize(MEASURED_SIDE, MEASURED_SIDE, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return toGrey(smaller.data, smaller.info.width, smaller.info.height, smaller.info.channels);
}

function hashPixels({ data, width, height, channels }: Decoded): string {
  return createHash('sha256').update(`${width} ${height} ${channels} `).update(data).digest('hex');
}
