/** @file The files of a bundle, read as a stranger's: nothing is unpacked to disk, and what a zip has no business to hold is refused by name. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { VerifiedPart } from '../../contract/reports-service.ts';
import { readWhole, type StoredFile } from '../sources/file-tree.ts';
import { openZip } from '../sources/zip-tree.ts';
import { encodeBundle, type BundleFiles } from './bundle-zip.ts';

/** A bundle is held in memory. */
const LARGEST_BYTES = 2 ** 31 - 1;

export interface ReadBundle {
  readonly files: BundleFiles;
  /** What the zip itself is wrong about. */
  readonly problems: readonly VerifiedPart[];
}

/** Throws `bundle-unreadable` where there is no file to look into; whatever is wrong inside it is a problem that is told. */
export async function readBundle(path: string): Promise<ReadBundle> {
  return readBundleBytes(basename(path), await readZip(path));
}

/** `name`: what the zip is called where it is told of. */
export async function readBundleBytes(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<ReadBundle> {
  const files = new Map<string, Uint8Array>();
  const problems: VerifiedPart[] = [];
  try {
    const tree = await openZip(inMemory(name, bytes));
    const { images, others, unreadable } = await tree.list();
    for (const { path: entry, detail } of unreadable) problems.push(changed(entry, `Refused: ${detail}.`));
    for (const entry of [...images, ...others]) {
      const content = await readEntry(await tree.file(entry));
      if (typeof content === 'string') problems.push(changed(entry, content));
      else files.set(entry, content);
    }
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    problems.push(changed(name, `It is no zip that can be read: ${cause.message}`));
  }
  return { files, problems: problems.length > 0 ? problems : containerProblems(name, bytes, files) };
}

async function readZip(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const refuse = (reason: string, cause?: unknown): AppError =>
    new AppError(
      'bundle-unreadable',
      { path, reason },
      cause === undefined ? undefined : { cause: cause as Error },
    );
  const found = await stat(path).catch((cause: unknown) => {
    throw refuse('there is no such file', cause);
  });
  if (!found.isFile()) throw refuse('it is no file');
  if (found.size > LARGEST_BYTES) throw refuse(`it has ${found.size} bytes, and the limit is 2 GiB`);
  return new Uint8Array(await readFile(path));
}

/** Why it cannot be read, where it cannot. */
async function readEntry(file: StoredFile): Promise<Uint8Array | string> {
  try {
    const content = await readWhole(file);
    return content.length === file.bytes ? content : 'The zip ends before the file does.';
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    return cause.message;
  }
}

function inMemory(name: string, bytes: Uint8Array<ArrayBuffer>): StoredFile {
  return {
    ...{ name, bytes: bytes.length, modifiedMs: 0 },
    read: (from, length) => Promise.resolve(bytes.slice(from, from + length)),
    stream: () => [bytes] as unknown as AsyncIterable<Uint8Array>,
  };
}

/** The zip is held against the one that its files make. [Note: Stored] */
function containerProblems(name: string, bytes: Uint8Array, files: BundleFiles): VerifiedPart[] {
  const expected = encodeBundle(files);
  if (Buffer.compare(bytes, expected) === 0) return [];
  let at = 0;
  while (at < bytes.length && bytes[at] === expected[at]) at++;
  const entry = entryAt(expected, files, at);
  return [
    changed(
      entry ?? name,
      `The zip is not the one that its files make: from byte ${at} on it differs${entry === null ? ', in its directory' : ', around this file'}. It was written by another program, or changed.`,
    ),
  ];
}

const LOCAL_HEADER_BYTES = 30;

/** The file whose header or content lies at this byte; null: behind all files. */
function entryAt(zip: Uint8Array, files: BundleFiles, at: number): string | null {
  const view = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  let start = 0;
  for (let left = files.size; left > 0; left--) {
    const nameLength = view.readUInt16LE(start + 26);
    const head = start + LOCAL_HEADER_BYTES;
    const entry = view.toString('utf8', head, head + nameLength);
    start = head + nameLength + view.readUInt16LE(start + 28) + (files.get(entry)?.length ?? 0);
    if (at < start) return entry;
  }
  return null;
}

function changed(name: string, detail: string): VerifiedPart {
  return { kind: 'bundle-file', name, result: 'changed', detail };
}
