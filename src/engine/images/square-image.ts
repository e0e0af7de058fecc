/** @file Any image brought to a square, its aspect given up: what images are laid over each other as. */
import sharp, { type Sharp } from 'sharp';
import type { SquareImage } from '../../core/curation/images/warp.ts';
import type { StoredImage } from '../sources/image-array.ts';
import { explain, prepareImage } from './decode.ts';

/** Three planes, also of a grey image, on white; bytes as numbers. An `ImageError` says why it cannot be read. */
export async function readSquare(source: StoredImage, side: number): Promise<SquareImage> {
  if (source.kind === 'pixels') {
    const { pixels, width, height, channels } = source;
    return squared(sharp(pixels, { raw: { width, height, channels } }), side);
  }
  const image = prepareImage(source.bytes);
  return explain(image, () => squared(image.pipeline(), side));
}

async function squared(pipeline: Sharp, side: number): Promise<SquareImage> {
  const { data, info } = await pipeline
    .flatten({ background: '#ffffff' })
    .resize(side, side, { fit: 'fill', fastShrinkOnLoad: false })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const planes = new Float32Array(3 * side * side);
  for (let channel = 0; channel < 3; channel++)
    for (let pixel = 0; pixel < side * side; pixel++)
      planes[channel * side * side + pixel] =
        data[pixel * info.channels + Math.min(channel, info.channels - 1)]!;
  return { channels: 3, side, data: planes };
}
