/** @file Any image file as pixels that a network reads, fitted as samples are. */
import { readFileSync, statSync } from 'node:fs';
import {
  explain,
  ImageError,
  LARGEST_FILE_BYTES,
  openImage,
  prepareImage,
  type OpenedImage,
} from './decode.ts';
import { fitInto, type PixelLayout } from './sample-pixels.ts';

/** Planes [channels, size, size] of the image in these bytes. */
export async function pixelsOf(bytes: Uint8Array, layout: PixelLayout): Promise<Uint8Array> {
  const image = prepareImage(bytes);
  return explain(image, () => fitInto(image.pipeline(), layout));
}

/** The bytes of an image file and what they are; an `ImageError` says why they are none. */
export async function readImageFile(path: string): Promise<{ bytes: Uint8Array; image: OpenedImage }> {
  const { size } = stat(path);
  if (size > LARGEST_FILE_BYTES)
    throw new ImageError('too-large', `the file has more than ${LARGEST_FILE_BYTES} bytes`);
  const bytes = Uint8Array.from(readFileSync(path));
  const image = await openImage(bytes);
  // Decoded once, to find out whether it is whole.
  await explain(image, () => image.pipeline().raw().toBuffer());
  return { bytes, image };
}

function stat(path: string): { size: number } {
  try {
    const found = statSync(path);
    if (!found.isFile()) throw new ImageError('not-an-image', 'it is no file');
    return found;
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    throw new ImageError('unreadable', (cause as Error).message, { cause });
  }
}
