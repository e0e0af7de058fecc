/**
 * @file The files of a zip, read where they lie: yauzl reads the directory, each file is inflated when it is wanted.
 *
 * [Note: Bombs] What a file announces is what it may inflate to, and no more. Files over 64 MiB that expand more than 100 times are
 * refused, and so is an archive whose files share bytes, as bombs of many small entries do. Nothing is unpacked to disk.
 */
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader, type Entry } from 'yauzl';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import { archiveTree, type ArchiveEntry } from './archive-tree.ts';
import type { FileTree, StoredFile } from './file-tree.ts';

const inflate = promisify(inflateRaw);

const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
/** A deflated file is inflated in memory. */
const LARGEST_INFLATED_BYTES = 2 ** 30;
const LARGEST_RATIO = 100;
const FREE_OF_RATIO_BYTES = 64 * 2 ** 20;

/** Lets yauzl read from anything that has bytes. */
class StoredFileReader extends RandomAccessReader {
  readonly #file: StoredFile;

  constructor(file: StoredFile) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const { read } = this.#file;
    return Readable.from(
      (async function* () {
        for (let from = start; from < end; from += 1 << 20)
          yield await read(from, Math.min(1 << 20, end - from));
      })(),
      { objectMode: false },
    );
  }
}

/** Throws `source-archive-invalid`. */
export async function openZip(archive: StoredFile, signal?: AbortSignal): Promise<FileTree> {
  const found: Entry[] = [];
  try {
    const options = { decodeStrings: false, validateEntrySizes: false };
    const zip = await fromRandomAccessReaderPromise(new StoredFileReader(archive), archive.bytes, options);
    for await (const entry of zip.eachEntry()) {
      throwIfCancelled(signal);
      found.push(entry);
    }
  } catch (cause) {
    throwIfCancelled(signal);
    throw invalid(archive.name, cause instanceof Error ? cause.message : String(cause));
  }
  refuseShared(archive.name, found);
  return archiveTree(
    'zip',
    archive.name,
    found.map((entry) => toArchiveEntry(archive, entry)),
  );
}

function toArchiveEntry(archive: StoredFile, entry: Entry): ArchiveEntry {
  return {
    // With '\' as it stands: it is read as '/', and looked at, like every other name.
    name: getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true),
    refusal: refusalOf(entry),
    open: () => storedFile(archive, entry),
  };
}

function refusalOf(entry: Entry): ArchiveEntry['refusal'] {
  const { compressionMethod, compressedSize, uncompressedSize } = entry;
  if (isLink(entry)) return { reason: 'unsafe-path', detail: 'a link; links in archives are not followed' };
  if (entry.isEncrypted()) return { reason: 'unsupported', detail: 'it is encrypted' };
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED)
    return {
      reason: 'unsupported',
      detail: `it is compressed by method ${compressionMethod}; only deflate is read`,
    };
  if (compressionMethod === STORED && compressedSize !== uncompressedSize)
    return { reason: 'unreadable', detail: 'the archive states two different sizes for it' };
  if (compressionMethod === DEFLATED && uncompressedSize > LARGEST_INFLATED_BYTES)
    return { reason: 'too-large', detail: `it would take ${uncompressedSize} bytes; the limit is 1 GiB` };
  if (uncompressedSize > FREE_OF_RATIO_BYTES && uncompressedSize > LARGEST_RATIO * compressedSize)
    return { reason: 'too-large', detail: `it would expand more than ${LARGEST_RATIO} times` };
  return null;
}

function isLink({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  const isUnix = versionMadeBy >> 8 === 3;
  return isUnix && ((externalFileAttributes >>> 16) & 0o170000) === 0o120000;
}

function refuseShared(path: string, entries: readonly Entry[]): void {
  const spans = entries
    .map(({ relativeOffsetOfLocalHeader: from, compressedSize }) => ({ from, to: from + compressedSize }))
    .sort((a, b) => a.from - b.from);
  const shares = spans.some(({ to }, index) => to > (spans[index + 1]?.from ?? Infinity));
  if (shares) throw invalid(path, 'its files share bytes, as those of a decompression bomb do');
}

function storedFile(archive: StoredFile, entry: Entry): StoredFile {
  const { uncompressedSize: bytes, compressionMethod } = entry;
  const content = (): Promise<Uint8Array<ArrayBuffer>> => inflated(archive, entry);
  // Several pieces of one deflated file: it is inflated once for as long as somebody holds it.
  let held: Promise<Uint8Array<ArrayBuffer>> | null = null;
  const read =
    compressionMethod === STORED
      ? async (from: number, length: number) =>
          archive.read((await dataStart(archive, entry)) + from, Math.min(length, Math.max(0, bytes - from)))
      : async (from: number, length: number) => (await (held ??= content())).slice(from, from + length);
  return {
    name: `${archive.name}: ${entry.fileNameRaw.toString('utf8')}`,
    bytes,
    modifiedMs: archive.modifiedMs,
    read,
    stream: async function* () {
      if (compressionMethod === STORED)
        for (let from = 0; from < bytes; from += 1 << 20) yield await read(from, 1 << 20);
      else yield await content();
    },
  };
}

async function dataStart(archive: StoredFile, { relativeOffsetOfLocalHeader: at }: Entry): Promise<number> {
  const header = Buffer.from(await archive.read(at, LOCAL_HEADER_BYTES));
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE)
    throw invalid(archive.name, 'its directory points to where no file begins');
  return at + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function inflated(archive: StoredFile, entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const { uncompressedSize, compressedSize } = entry;
  const packed = await archive.read(await dataStart(archive, entry), compressedSize);
  let bytes: Buffer;
  try {
    const limit = { maxOutputLength: uncompressedSize };
    bytes = uncompressedSize === 0 ? Buffer.alloc(0) : await inflate(packed, limit);
  } catch (cause) {
    throw invalid(archive.name, `a file in it cannot be inflated (${(cause as Error).message})`);
  }
  if (bytes.length !== uncompressedSize || crc32(bytes) !== entry.crc32)
    throw invalid(archive.name, 'a file in it is not what the directory announces (size or checksum)');
  return Uint8Array.from(bytes);
}

function invalid(path: string, reason: string): AppError {
  return new AppError('source-archive-invalid', { path, reason });
}
