/** @file An image as the viewer shows it: the untouched file where a browser can display it, a PNG of it otherwise. */
import sharp from 'sharp';
import { AppError } from '../../core/base/app-error.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { MEDIA_TYPES, sniffImageFormat } from '../formats/image-format.ts';
import type { StoredImage } from '../sources/image-array.ts';
import { locateSamples } from '../storage/imports.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { explain, ImageError, prepareImage } from './decode.ts';
import { readStoredImage } from './sample-files.ts';
import type { EncodedPicture } from './thumbnails.ts';

const SHOWN_BY_BROWSERS: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp', 'gif']);

/** Encoded bytes and their media type. `sample-file-missing` where the original is gone, `sample-file-damaged` where it broke. */
export async function readOriginal(folder: ProjectFolder, id: SampleId): Promise<EncodedPicture> {
  const location = locateSamples(folder.connection, [id])[0]!;
  const source = await readStoredImage(location);
  if (source.kind === 'pixels') return { bytes: await toImageFile(source), type: MEDIA_TYPES.png };
  const format = sniffImageFormat(source.bytes);
  if (format !== null && SHOWN_BY_BROWSERS.has(format)) {
    return { bytes: source.bytes, type: MEDIA_TYPES[format] };
  }
  try {
    const image = prepareImage(source.bytes);
    const bytes = await explain(image, () => image.pipeline().png().toBuffer());
    return { bytes, type: MEDIA_TYPES.png };
  } catch (cause) {
    if (!(cause instanceof ImageError)) throw cause;
    throw new AppError('sample-file-damaged', { sampleId: id, reason: cause.message }, { cause });
  }
}

/** The image as a file: untouched where it is one, a PNG of bare pixels. */
export async function toImageFile(image: StoredImage): Promise<Uint8Array> {
  if (image.kind === 'file') return image.bytes;
  const { pixels, width, height, channels } = image;
  return sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
}
