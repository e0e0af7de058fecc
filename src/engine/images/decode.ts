/** @file The one door to sharp: bytes in, a pipeline of upright sRGB pixels out, or an `ImageError` that says why not. */
import sharp, { type Sharp } from 'sharp';
import { BitmapError, decodeBitmap } from '../formats/bmp.ts';
import {
  looksCutOff,
  sniffForeignFormat,
  sniffImageFormat,
  type ImageFormat,
} from '../formats/image-format.ts';

/** A file above this is not read at all. */
export const LARGEST_FILE_BYTES = 512 * 2 ** 20;
/** An image above this is refused from its header (a bomb of zeros is a small file). */
export const LARGEST_PIXEL_COUNT = 268_402_689;

// Files are decoded side by side, so one thread each; and no file is read twice, so a cache would only cost memory.
sharp.concurrency(1);
sharp.cache(false);

export type ImageErrorReason =
  'empty' | 'truncated' | 'not-an-image' | 'unsupported' | 'too-large' | 'unreadable';

/** An image that cannot be read: becomes a row of the problem list. */
export class ImageError extends Error {
  readonly reason: ImageErrorReason;

  constructor(reason: ImageErrorReason, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'ImageError';
    this.reason = reason;
  }
}

/** An image whose format is known and that is ready to be decoded. */
export interface DecodableImage {
  readonly format: ImageFormat;
  readonly bytes: Uint8Array;
  /** A fresh pipeline: upright, 8 bits, sRGB (also from CMYK, 16 bits and palettes), first frame. Use it once. */
  readonly pipeline: () => Sharp;
}

export interface OpenedImage extends DecodableImage {
  /** After EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 colour, 4 with alpha. */
  readonly channels: 1 | 3 | 4;
  /** Whether the file shows as it is: upright already, 8 bits, and of a kind that browsers know. */
  readonly isPlain: boolean;
}

/** Recognises the format. Damage behind the first bytes shows when the pipeline runs: see `explain`. */
export function prepareImage(bytes: Uint8Array): DecodableImage {
  if (bytes.length === 0) throw new ImageError('empty', 'the file has no bytes');
  const format = sniffImageFormat(bytes);
  if (format === null) throw foreignFile(bytes);
  if (format === 'bmp') return openBitmap(bytes);
  return { format, bytes, pipeline: () => open(bytes).autoOrient().toColourspace('srgb') };
}

/** Reads the header too. */
export async function openImage(bytes: Uint8Array): Promise<OpenedImage> {
  const prepared = prepareImage(bytes);
  if (isOpened(prepared)) return prepared;
  const found = await explain(prepared, () => open(bytes).metadata());
  const isGrey = found.space === 'b-w' || found.space === 'grey16';
  const isShownAlike = prepared.format === 'png' || prepared.format === 'webp';
  return {
    ...prepared,
    width: found.autoOrient.width,
    height: found.autoOrient.height,
    channels: found.hasAlpha ? 4 : isGrey ? 1 : 3,
    isPlain:
      isShownAlike && (found.orientation ?? 1) === 1 && found.depth === 'uchar' && (found.pages ?? 1) === 1,
  };
}

function open(bytes: Uint8Array): Sharp {
  return sharp(bytes, { failOn: 'error', limitInputPixels: LARGEST_PIXEL_COUNT });
}

function isOpened(image: DecodableImage): image is OpenedImage {
  return 'width' in image;
}

/** Runs `work` on this image; what sharp throws comes out as an `ImageError` with a reason. */
export async function explain<Result>(
  { format, bytes }: DecodableImage,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const message = firstLine(cause);
    if (/pixel limit|too large|exceeds/i.test(message)) {
      throw new ImageError('too-large', `more than ${LARGEST_PIXEL_COUNT} pixels`, { cause });
    }
    if (looksCutOff(format, bytes) || /premature end|truncated/i.test(message)) {
      throw new ImageError('truncated', `the ${format.toUpperCase()} data stops too early (${message})`, {
        cause,
      });
    }
    throw new ImageError('unreadable', `damaged ${format.toUpperCase()} data (${message})`, { cause });
  }
}

function openBitmap(bytes: Uint8Array): OpenedImage {
  try {
    const { width, height, channels, pixels } = decodeBitmap(bytes, LARGEST_PIXEL_COUNT);
    const pipeline = (): Sharp => sharp(pixels, { raw: { width, height, channels } });
    return { format: 'bmp', bytes, width, height, channels, isPlain: false, pipeline };
  } catch (cause) {
    if (!(cause instanceof BitmapError)) throw cause;
    throw new ImageError(cause.kind, cause.message, { cause });
  }
}

function foreignFile(bytes: Uint8Array): ImageError {
  const foreign = sniffForeignFormat(bytes);
  if (foreign === null) return new ImageError('not-an-image', 'the content is not that of an image');
  return new ImageError('unsupported', `${foreign} is not read; convert it to PNG or JPEG`);
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n', 1)[0]!;
}
