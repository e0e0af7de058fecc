/** @file Texts that programs write into image files beside the pixels. */
import readExif from 'exif-reader';
import sharp from 'sharp';
import { LARGEST_PIXEL_COUNT } from './decode.ts';

export interface EmbeddedNotes {
  /** Text blocks of a PNG by their keyword. */
  readonly texts: readonly { readonly name: string; readonly value: string }[];
  /** From EXIF: of the program, and what a person or a program remarked; null: none. */
  readonly software: string | null;
  readonly comment: string | null;
  readonly xmp: string | null;
}

/** An empty answer where the file cannot be read: `problem` says why. */
export async function readEmbeddedNotes(
  bytes: Uint8Array,
): Promise<EmbeddedNotes & { readonly problems: string[] }> {
  const problems: string[] = [];
  const none = { texts: [], software: null, comment: null, xmp: null, problems };
  try {
    const found = await sharp(bytes, { limitInputPixels: LARGEST_PIXEL_COUNT }).metadata();
    const texts = (found.comments ?? []).map(({ keyword, text }) => ({ name: keyword, value: text }));
    const { software, comment } = found.exif === undefined ? none : exifOf(found.exif, problems);
    return { texts, software, comment, xmp: found.xmpAsString ?? null, problems };
  } catch (cause) {
    problems.push(`The notes in the file cannot be read: ${(cause as Error).message.split('\n', 1)[0]!}`);
    return none;
  }
}

function exifOf(exif: Buffer, problems: string[]): Pick<EmbeddedNotes, 'software' | 'comment'> {
  try {
    const { Image, Photo } = readExif(exif);
    const software: unknown = Image?.Software;
    const comment: unknown = Photo?.UserComment;
    return {
      software: typeof software === 'string' ? software : null,
      comment:
        typeof comment === 'string' ? comment : comment instanceof Uint8Array ? commentOf(comment) : null,
    };
  } catch (cause) {
    problems.push(`The EXIF data cannot be read: ${(cause as Error).message}`);
    return { software: null, comment: null };
  }
}

/** Eight letters say how the rest is written: 'ASCII', or 'UNICODE', which is UTF-16 in either order. */
function commentOf(bytes: Uint8Array): string | null {
  const kind = new TextDecoder('latin1').decode(bytes.subarray(0, 8)).replaceAll('\0', '');
  const rest = bytes.subarray(8);
  if (kind !== 'UNICODE')
    return (
      new TextDecoder()
        .decode(kind === 'ASCII' ? rest : bytes)
        .replaceAll('\0', '')
        .trim() || null
    );
  const isBigEndian = rest.length > 1 && rest[0] === 0;
  return (
    new TextDecoder(isBigEndian ? 'utf-16be' : 'utf-16le').decode(rest).replaceAll('\0', '').trim() || null
  );
}
