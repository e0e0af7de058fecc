/**
 * @file IDX files, the format of the MNIST family: a magic number, big-endian sizes, then plain bytes; often gzipped.
 * Images come as idx3 (count × rows × columns), labels as idx1 (count).
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Split } from '../../contract/vocabulary.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { StoredFile } from './file-tree.ts';

export interface IdxArray {
  /** [count] or [count, rows, columns]. */
  readonly dimensions: readonly number[];
  readonly data: Uint8Array;
}

/** Names of two files that belong together, and what their name says about the split. */
export interface IdxPair {
  /** What stands before '-images-idx3-ubyte': 'train', 't10k', 'emnist-letters-test'. */
  readonly prefix: string;
  readonly split: Split;
  readonly images: string;
  readonly labels: string;
}

const UNSIGNED_BYTE = 8;
/** No deflate stream expands further than this. */
const LARGEST_GZIP_RATIO = 1032;
const LARGEST_BYTES = 4 * 2 ** 30 - 1;

const IMAGES_NAME = /^(.*?)[-._]?images[-._]idx3[-._]ubyte(\.gz)?$/i;
const LABELS_NAME = /^(.*?)[-._]?labels[-._]idx1[-._]ubyte(\.gz)?$/i;

/** Whether a file name is one of an IDX pair's. */
export function isIdxName(name: string): boolean {
  return IMAGES_NAME.test(name) || LABELS_NAME.test(name);
}

/** The pairs among the file names of one folder, training images first. Unzipped files win over their zipped twins. */
export function findIdxPairs(names: readonly string[]): IdxPair[] {
  const images = namesByPrefix(names, IMAGES_NAME);
  const labels = namesByPrefix(names, LABELS_NAME);
  const pairs: IdxPair[] = [];
  for (const [prefix, imagesName] of images) {
    const labelsName = labels.get(prefix);
    if (labelsName !== undefined) {
      pairs.push({ prefix, split: splitOfPrefix(prefix), images: imagesName, labels: labelsName });
    }
  }
  const order: readonly Split[] = ['train', 'val', 'test'];
  return pairs.sort(
    (a, b) => order.indexOf(a.split) - order.indexOf(b.split) || (a.prefix < b.prefix ? -1 : 1),
  );
}

function namesByPrefix(names: readonly string[], pattern: RegExp): Map<string, string> {
  const found = new Map<string, string>();
  // '.gz' sorts after the bare name, so the bare one overwrites it.
  for (const name of [...names].sort().reverse()) {
    const match = pattern.exec(name);
    if (match !== null) found.set(match[1]!.toLowerCase(), name);
  }
  return found;
}

function splitOfPrefix(prefix: string): Split {
  if (/(t10k|test|testing)$/.test(prefix)) return 'test';
  return /(val|valid|validation)$/.test(prefix) ? 'val' : 'train';
}

/** The sizes that the header states. Reads a few bytes only. */
export async function readIdxDimensions(file: StoredFile): Promise<readonly number[]> {
  const head: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of openBytes(file)) {
    head.push(chunk);
    length += chunk.length;
    if (length >= 16) break;
  }
  return parseHeader(file.name, Buffer.concat(head)).dimensions;
}

/** The whole array. Refuses anything but unsigned bytes, and files with too few or too many of them. */
export async function readIdx(file: StoredFile): Promise<IdxArray> {
  const { name: path } = file;
  const dimensions = await readIdxDimensions(file);
  const headerBytes = 4 + 4 * dimensions.length;
  const dataBytes = dimensions.reduce((product, size) => product * size, 1);
  refuseImpossible(file, headerBytes + dataBytes);
  const data = new Uint8Array(dataBytes);
  let position = -headerBytes;
  for await (const chunk of openBytes(file)) {
    const from = Math.max(0, -position);
    if (position + chunk.length > dataBytes) {
      throw invalid(path, `it holds more than the ${dataBytes} bytes that its header announces`);
    }
    if (from < chunk.length) data.set(chunk.subarray(from), position + from);
    position += chunk.length;
  }
  if (position < dataBytes) throw truncated(path, dataBytes, Math.max(0, position));
  return { dimensions, data };
}

/** The images and labels of one pair, checked against each other. */
export async function readIdxPair(
  imagesFile: StoredFile,
  labelsFile: StoredFile,
): Promise<{ images: IdxArray; labels: Uint8Array; count: number; rows: number; columns: number }> {
  const [images, labels] = await Promise.all([readIdx(imagesFile), readIdx(labelsFile)]);
  const [count = 0, rows = 0, columns = 0] = images.dimensions;
  if (images.dimensions.length !== 3)
    throw invalid(imagesFile.name, 'it holds no images (three sizes expected)');
  if (labels.dimensions.length !== 1)
    throw invalid(labelsFile.name, 'it holds no labels (one size expected)');
  if (labels.dimensions[0] !== count) {
    throw new AppError('source-labels-mismatch', {
      images: imagesFile.name,
      imageCount: count,
      labels: labelsFile.name,
      labelCount: labels.dimensions[0]!,
    });
  }
  return { images, labels: labels.data, count, rows, columns };
}

function parseHeader(path: string, head: Buffer): { dimensions: readonly number[] } {
  if (head.length < 4) throw truncated(path, 4, head.length);
  const dimensionCount = head[3]!;
  if (head[0] !== 0 || head[1] !== 0 || dimensionCount < 1 || dimensionCount > 3) {
    throw invalid(
      path,
      `its magic number ${head.readUInt32BE(0).toString(16)} is not that of images or labels`,
    );
  }
  if (head[2] !== UNSIGNED_BYTE) throw invalid(path, 'it does not hold unsigned bytes');
  if (head.length < 4 + 4 * dimensionCount) throw truncated(path, 4 + 4 * dimensionCount, head.length);
  const dimensions = Array.from({ length: dimensionCount }, (_, index) => head.readUInt32BE(4 + 4 * index));
  if (dimensions.slice(1).some((size) => size === 0)) throw invalid(path, 'its images have no pixels');
  return { dimensions };
}

/** A header that promises more than the file can hold must not make us allocate it. */
function refuseImpossible({ name, bytes: size }: StoredFile, bytes: number): void {
  const possible = isGzip(name) ? size * LARGEST_GZIP_RATIO : size;
  if (bytes > possible) throw truncated(name, bytes, isGzip(name) ? size : possible);
  if (bytes > LARGEST_BYTES) throw invalid(name, 'it holds more than 4 GB');
}

function isGzip(path: string): boolean {
  return /\.gz$/i.test(path);
}

async function* openBytes(file: StoredFile): AsyncGenerator<Uint8Array, void> {
  if (!isGzip(file.name)) {
    try {
      for await (const chunk of file.stream()) yield chunk;
    } catch (cause) {
      throw unreadable(file.name, cause);
    }
    return;
  }
  const packed = Readable.from(file.stream(), { objectMode: false });
  const unzip = createGunzip({ chunkSize: 1 << 20 });
  // The consumer sees every failure through `unzip`; this promise only ties the two streams together.
  const flowing = pipeline(packed, unzip).catch(() => undefined);
  try {
    for await (const chunk of unzip) yield chunk as Buffer;
  } catch (cause) {
    throw unreadable(file.name, cause);
  } finally {
    packed.destroy();
    await flowing;
  }
}

function invalid(path: string, reason: string): AppError {
  return new AppError('source-idx-invalid', { path, reason, truncated: false });
}

function truncated(path: string, expected: number, found: number): AppError {
  const reason = `it is cut off: ${expected} bytes were announced, ${found} are there`;
  return new AppError('source-idx-invalid', { path, reason, truncated: true });
}

function unreadable(path: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const code = (cause as NodeJS.ErrnoException).code;
  const cutOff = code === 'Z_BUF_ERROR';
  const reason = cutOff ? 'it is cut off' : cause instanceof Error ? cause.message : String(cause);
  return new AppError('source-idx-invalid', { path, reason, truncated: cutOff }, { cause: cause as Error });
}
