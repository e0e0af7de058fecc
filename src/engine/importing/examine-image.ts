/** @file One image: unchanged, or read, hashed, decoded and pictured, or a problem. Never throws for what is in the file. */
import { hash } from 'node:crypto';
import type { ProblemReason } from '../../contract/imports-service.ts';
import { ImageError, LARGEST_FILE_BYTES, LARGEST_PIXEL_COUNT, openImage } from '../images/decode.ts';
import { renderPixelThumbnails, renderThumbnails } from '../images/thumbnails.ts';
import type { StoredImage } from '../sources/image-array.ts';
import type { ImageFacts, ImageStore } from '../sources/image-store.ts';
import type { FoundSample, KnownSample } from '../storage/imports.ts';
import type { StoredThumbnail } from '../storage/thumbnails.ts';
import { problemDetail } from './import-task.ts';

type Facts = Omit<FoundSample, 'path' | 'split' | 'givenLabel'>;

export type Examined =
  /** The content is that of the known sample. */
  | { readonly kind: 'same'; readonly bytes: number; readonly modifiedMs: number }
  | { readonly kind: 'decoded'; readonly facts: Facts; readonly pictures: readonly StoredThumbnail[] }
  | {
      readonly kind: 'problem';
      readonly reason: ProblemReason;
      readonly detail: string;
      readonly bytes: number | null;
    };

export async function examineImage(
  store: ImageStore,
  path: string,
  known: KnownSample | undefined,
): Promise<Examined> {
  let size: number | null = null;
  try {
    const found = await store.facts(path);
    const { modifiedMs } = found;
    size = found.bytes;
    if (known !== undefined && isUntouched(found, known))
      return { kind: 'same', bytes: known.bytes, modifiedMs };
    if (size !== null && size > LARGEST_FILE_BYTES)
      throw new ImageError('too-large', `a file of ${size} bytes is not read`);
    const image = await store.read(path);
    const content = image.kind === 'file' ? image.bytes : image.pixels;
    const sha256 = hash('sha256', content);
    if (known?.sha256 === sha256) return { kind: 'same', bytes: content.length, modifiedMs };
    const { pictures, ...looks } = await decode(image);
    const facts = { sha256, bytes: content.length, modifiedMs, ...looks };
    return { kind: 'decoded', facts, pictures };
  } catch (cause) {
    if (cause instanceof ImageError)
      return { kind: 'problem', reason: cause.reason, detail: cause.message, bytes: size };
    return { kind: 'problem', reason: 'unreadable', detail: problemDetail(cause), bytes: size };
  }
}

/** By what is known without reading it. */
function isUntouched({ bytes, modifiedMs }: ImageFacts, known: KnownSample): boolean {
  return known.modifiedMs === modifiedMs && (bytes === null || known.bytes === bytes);
}

async function decode(
  stored: StoredImage,
): Promise<
  Pick<Facts, 'format' | 'width' | 'height' | 'channels'> & { readonly pictures: readonly StoredThumbnail[] }
> {
  if (stored.kind === 'pixels') {
    const { width, height, channels } = stored;
    if (width * height > LARGEST_PIXEL_COUNT)
      throw new ImageError('too-large', `more than ${LARGEST_PIXEL_COUNT} pixels`);
    return { format: 'pixels', width, height, channels, pictures: await renderPixelThumbnails(stored) };
  }
  const image = await openImage(stored.bytes);
  const pictures = await renderThumbnails(image);
  const { format, width, height, channels } = image;
  return { format, width, height, channels, pictures };
}
