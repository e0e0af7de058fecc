/** @file One file: unchanged, or read, hashed, decoded and pictured, or a problem. Never throws for what is in the file. */
import { hash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProblemReason } from '../../contract/imports-service.ts';
import { ImageError, LARGEST_FILE_BYTES, openImage } from '../images/decode.ts';
import { renderThumbnails } from '../images/thumbnails.ts';
import type { FoundSample, KnownSample } from '../storage/imports.ts';
import type { StoredThumbnail } from '../storage/thumbnails.ts';
import { problemDetail } from './import-task.ts';

export type Examined =
  /** The content is that of the known sample. */
  | { readonly kind: 'same'; readonly bytes: number; readonly modifiedMs: number }
  | {
      readonly kind: 'decoded';
      readonly facts: Omit<FoundSample, 'path' | 'split' | 'givenLabel'>;
      readonly pictures: readonly StoredThumbnail[];
    }
  | {
      readonly kind: 'problem';
      readonly reason: ProblemReason;
      readonly detail: string;
      readonly bytes: number | null;
    };

export async function examineFile(
  root: string,
  path: string,
  known: KnownSample | undefined,
): Promise<Examined> {
  const file = join(root, path);
  let size: number | null = null;
  try {
    const found = await stat(file);
    size = found.size;
    const modifiedMs = Math.round(found.mtimeMs);
    if (known?.bytes === size && known.modifiedMs === modifiedMs)
      return { kind: 'same', bytes: size, modifiedMs };
    if (size > LARGEST_FILE_BYTES) throw new ImageError('too-large', `a file of ${size} bytes is not read`);
    const bytes = await readFile(file);
    const sha256 = hash('sha256', bytes);
    if (known?.sha256 === sha256) return { kind: 'same', bytes: bytes.length, modifiedMs };
    const image = await openImage(bytes);
    const pictures = await renderThumbnails(image);
    const { format, width, height, channels } = image;
    const facts = { sha256, bytes: bytes.length, modifiedMs, format, width, height, channels };
    return { kind: 'decoded', facts, pictures };
  } catch (cause) {
    const isImageError = cause instanceof ImageError;
    const reason = isImageError ? cause.reason : 'unreadable';
    const detail = isImageError ? cause.message : problemDetail(cause);
    return { kind: 'problem', reason, detail, bytes: size };
  }
}
