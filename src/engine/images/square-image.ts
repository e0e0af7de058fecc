/** @file Any image brought to a square, its aspect given up: what images are laid over each other as. */
import sharp, { type Sharp } from 'sharp';
import type { SquareImage } from '../../core/curation/images/warp.ts';
import type { StoredImage } from '../sources/image-array.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { locateSamples } from '../storage/imports.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { explain, ImageError, prepareImage } from './decode.ts';
import { createSampleReader } from './sample-files.ts';

/** Three planes, also of a grey image, on white; bytes as numbers. An `ImageError` says why it cannot be read. */
export async function readSquare(source: StoredImage, side: number): Promise<SquareImage> {
  if (source.kind === 'pixels') {
    const { pixels, width, height, channels } = source;
    return squared(sharp(pixels, { raw: { width, height, channels } }), side);
  }
  const image = prepareImage(source.bytes);
  return explain(image, () => squared(image.pipeline(), side));
}

/** Of samples. For many, make one and keep it: it looks up each source once. Throws `sample-file-missing` and `sample-file-damaged`. */
export function createSquareReader(
  { connection }: Pick<ProjectFolder, 'connection'>,
  side: number,
): (sampleId: SampleId) => Promise<SquareImage> {
  const read = createSampleReader();
  return async (sampleId) => {
    const [location] = locateSamples(connection, [sampleId]);
    try {
      return await readSquare(await read(location!), side);
    } catch (cause) {
      if (!(cause instanceof ImageError)) throw cause;
      throw new AppError('sample-file-damaged', { sampleId, reason: cause.message }, { cause });
    }
  };
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
