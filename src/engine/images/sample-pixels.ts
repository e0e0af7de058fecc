/**
 * @file Pixels for training: samples as bytes [count, channels, size, size], channel planes as networks want them.
 *
 * [Note: Fitting] An image is scaled to fit the square with its aspect kept, up or down, and centred. The bars beside it
 * take the mean colour of the image's own border, rounded: black or white bars would be an edge that tells wide images from
 * tall ones, and repeated border pixels draw streaks; a flat continuation of the background tells least.
 * Transparent pixels show white, as on paper.
 */
import { availableParallelism } from 'node:os';
import sharp, { type Sharp } from 'sharp';
import { AppError } from '../../core/base/app-error.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { mapConcurrently } from './map-concurrently.ts';
import { locateSamples, type SampleLocation } from '../storage/imports.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { explain, ImageError, prepareImage } from './decode.ts';
import type { StoredImage } from '../sources/image-array.ts';
import { createSampleReader } from './sample-files.ts';

export interface PixelLayout {
  /** Side of the square in pixels. */
  readonly size: number;
  /** 1: grey (luminance of colour images) · 3: red, green, blue. */
  readonly channels: 1 | 3;
}

/** Interleaved 8-bit pixels that fit into the square. */
interface FittedImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** Decodes these samples side by side. A missing or broken file is an error that names it. */
export async function readPixels(
  folder: ProjectFolder,
  sampleIds: readonly SampleId[],
  layout: PixelLayout,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const sampleBytes = layout.channels * layout.size * layout.size;
  const pixels = new Uint8Array(sampleIds.length * sampleBytes);
  const locations = locateSamples(folder.connection, sampleIds);
  const read = createSampleReader();
  await mapConcurrently(
    locations,
    availableParallelism() + 1,
    async (location, index) => {
      const fitted = await fitSample(location, await read(location), layout);
      placeCentred(fitted, pixels.subarray(index * sampleBytes, (index + 1) * sampleBytes), layout);
    },
    signal,
  );
  return pixels;
}

async function fitSample(
  location: SampleLocation,
  source: StoredImage,
  layout: PixelLayout,
): Promise<FittedImage> {
  if (source.kind === 'pixels') return fitPixels(source, layout);
  try {
    const image = prepareImage(source.bytes);
    return await explain(image, () => fit(image.pipeline(), layout));
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    throw new AppError('sample-file-damaged', { sampleId: location.id, reason: cause.message }, { cause });
  }
}

/** Planes of the image of this pipeline, centred in its square. */
export async function fitInto(pipeline: Sharp, layout: PixelLayout): Promise<Uint8Array> {
  const square = new Uint8Array(layout.channels * layout.size * layout.size);
  placeCentred(await fit(pipeline, layout), square, layout);
  return square;
}

async function fitPixels(
  source: Extract<StoredImage, { kind: 'pixels' }>,
  layout: PixelLayout,
): Promise<FittedImage> {
  const { width, height, channels, pixels } = source;
  const isFitting = width === layout.size && height === layout.size;
  if (isFitting && (channels === 1 || channels === layout.channels))
    return { width, height, channels, data: pixels };
  const pipeline = sharp(pixels, { raw: { width, height, channels } });
  return fit(pipeline, layout);
}

async function fit(pipeline: Sharp, { size, channels }: PixelLayout): Promise<FittedImage> {
  const { data, info } = await pipeline
    .flatten({ background: '#ffffff' })
    // 'inside' keeps the aspect and enlarges too. Not the coarser shrinking while loading: it shows as moiré.
    .resize(size, size, { fit: 'inside', fastShrinkOnLoad: false })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data };
}

/** Copies a fitted image into the middle of its square, plane by plane, and paints the bars. */
function placeCentred(image: FittedImage, square: Uint8Array, { size, channels }: PixelLayout): void {
  const left = Math.floor((size - image.width) / 2);
  const top = Math.floor((size - image.height) / 2);
  const isFilled = image.width === size && image.height === size;
  for (let channel = 0; channel < channels; channel++) {
    const plane = square.subarray(channel * size * size, (channel + 1) * size * size);
    // A grey image fills all three planes alike.
    const from = Math.min(channel, image.channels - 1);
    if (!isFilled) plane.fill(meanOfBorder(image, from));
    for (let row = 0; row < image.height; row++) {
      const out = (top + row) * size + left;
      for (let column = 0; column < image.width; column++) {
        plane[out + column] = image.data[(row * image.width + column) * image.channels + from]!;
      }
    }
  }
}

/** Mean of one channel along the image's four sides, corners once. */
function meanOfBorder({ width, height, channels, data }: FittedImage, channel: number): number {
  let sum = 0;
  let count = 0;
  const add = (column: number, row: number): void => {
    sum += data[(row * width + column) * channels + channel]!;
    count++;
  };
  for (let column = 0; column < width; column++) {
    add(column, 0);
    if (height > 1) add(column, height - 1);
  }
  for (let row = 1; row < height - 1; row++) {
    add(0, row);
    if (width > 1) add(width - 1, row);
  }
  return Math.round(sum / count);
}
