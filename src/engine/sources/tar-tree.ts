/**
 * @file The files of a tar, read where they lie: the headers are walked once, the content between them is skipped. Libraries read
 * tars front to back only, where one image is wanted of a hundred thousand; so the walk is ours.
 */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import { archiveTree, type ArchiveEntry } from './archive-tree.ts';
import type { FileTree, StoredFile } from './file-tree.ts';
import { readRange } from './folder-tree.ts';
import { decodePax, decodeTarHeader, decodeText, type TarEntryType, type TarHeader } from './tar-header.ts';

const BLOCK = 512;
/** Of a long name or a table of attributes before an entry. */
const LARGEST_META_BYTES = 2 ** 20;

/** What entries say about the entry behind them. */
interface Announced {
  name: string | null;
  bytes: number | null;
}

/** `content`: where the tar itself lies, where the archive at `path` is compressed. Throws `source-archive-invalid`. */
export async function openTar(path: string, signal?: AbortSignal, content = path): Promise<FileTree> {
  const { mtimeMs } = await stat(path);
  const { size } = await stat(content);
  const file = await open(content);
  try {
    const archive = { path, content, modifiedMs: Math.round(mtimeMs) };
    return archiveTree('tar', path, await walk(file, archive, size, signal));
  } finally {
    await file.close();
  }
}

/** What all entries have in common. */
interface Archive {
  /** For messages. */
  readonly path: string;
  readonly content: string;
  readonly modifiedMs: number;
}

async function walk(
  file: FileHandle,
  archive: Archive,
  size: number,
  signal: AbortSignal | undefined,
): Promise<ArchiveEntry[]> {
  const { path } = archive;
  const entries: ArchiveEntry[] = [];
  let announced: Announced = { name: null, bytes: null };
  const block = Buffer.alloc(BLOCK);
  for (let at = 0; at + BLOCK <= size;) {
    throwIfCancelled(signal);
    await file.read(block, 0, BLOCK, at);
    const header = decode(block, path);
    at += BLOCK;
    // An end is two empty blocks; tars that were joined go on behind them.
    if (header === null) continue;
    const bytes = announced.bytes ?? header.size;
    if (!Number.isSafeInteger(bytes) || bytes < 0 || at + bytes > size)
      throw invalid(path, `it is cut off: ${header.name} should end at byte ${at + bytes} of ${size}`);
    if (isMeta(header.type)) {
      if (bytes > LARGEST_META_BYTES) throw invalid(path, `an entry's attributes take ${bytes} bytes`);
      const content = Buffer.alloc(bytes);
      await file.read(content, 0, bytes, at);
      announced = read(header.type, content, announced);
    } else {
      const place = { ...archive, from: at, bytes };
      entries.push(toEntry(announced.name ?? header.name, header.type, place));
      announced = { name: null, bytes: null };
    }
    at += Math.ceil(bytes / BLOCK) * BLOCK;
  }
  return entries;
}

function decode(block: Buffer, path: string): TarHeader | null {
  try {
    return decodeTarHeader(block);
  } catch (cause) {
    throw invalid(path, (cause as Error).message);
  }
}

function isMeta(type: TarEntryType): boolean {
  return type === 'long name' || type === 'attributes' || type === 'other attributes';
}

function read(type: TarEntryType, content: Buffer, announced: Announced): Announced {
  if (type === 'long name') return { ...announced, name: decodeText(content) };
  if (type !== 'attributes') return announced;
  const pax = decodePax(content);
  const bytes = pax.get('size');
  return {
    name: pax.get('path') ?? announced.name,
    bytes: bytes === undefined ? announced.bytes : Number(bytes),
  };
}

interface Place extends Archive {
  readonly from: number;
  readonly bytes: number;
}

function toEntry(name: string, type: TarEntryType, place: Place): ArchiveEntry {
  return {
    name: type === 'directory' && !name.endsWith('/') ? `${name}/` : name,
    refusal:
      type === 'file' || type === 'directory'
        ? null
        : { reason: 'unsafe-path', detail: `a ${type}; only plain files in archives are read` },
    open: () => storedFile(name, place),
  };
}

function storedFile(name: string, { path, content, from: start, bytes, modifiedMs }: Place): StoredFile {
  const read = (from: number, length: number): Promise<Uint8Array<ArrayBuffer>> =>
    readRange(content, start + from, Math.min(length, Math.max(0, bytes - from)));
  return {
    name: `${path}: ${name}`,
    bytes,
    modifiedMs,
    read,
    stream: async function* () {
      for (let from = 0; from < bytes; from += 1 << 20) yield await read(from, 1 << 20);
    },
  };
}

function invalid(path: string, reason: string): AppError {
  return new AppError('source-archive-invalid', { path, reason });
}
