/**
 * @file CIFAR's binary batches: records of one label byte (CIFAR-100: coarse, then fine) and 32×32 pixels, first all red, then all
 * green, then all blue.
 */
import { posix } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { readWhole, type FileTree, type StoredFile } from './file-tree.ts';
import type { ImageArray, StoredImage } from './image-array.ts';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const PIXEL_BYTES = 3 * PLANE;
/** Read at once, so that a walk through the images reads each piece of the file once. */
const RECORDS_AT_ONCE = 256;
const LARGEST_NAMES_BYTES = 2 ** 16;

const TEN = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

/** Bytes before the pixels; null: the size is that of neither CIFAR-10 nor CIFAR-100. */
export function cifarLabelBytes(path: string, bytes: number): 1 | 2 | null {
  const fits = (labels: 1 | 2): boolean => bytes > 0 && bytes % (labels + PIXEL_BYTES) === 0;
  // A size may fit both; the hundred classes come as 'train.bin' and 'test.bin'.
  const order = /^(train|test)\.bin$/i.test(posix.basename(path)) ? ([2, 1] as const) : ([1, 2] as const);
  return order.find(fits) ?? null;
}

/** Whether the file is called as the batches of CIFAR are. */
export function hasCifarName(path: string): boolean {
  return /^(data_batch_\d+|test_batch|train|test)\.bin$/i.test(posix.basename(path));
}

export interface CifarBatch extends ImageArray {
  /** Class of every image, then what else the record says. */
  readonly labels: () => Promise<{ readonly label: number; readonly coarse: number | null }[]>;
}

export async function openCifar(tree: FileTree, path: string): Promise<CifarBatch> {
  const file = await tree.file(path);
  const labelBytes = cifarLabelBytes(path, file.bytes);
  if (labelBytes === null)
    throw new AppError('source-array-invalid', {
      path: file.name,
      reason: `${file.bytes} bytes are not a whole number of CIFAR records`,
    });
  const record = labelBytes + PIXEL_BYTES;
  const read = blockReader(file, record);
  return {
    count: file.bytes / record,
    modifiedMs: file.modifiedMs,
    image: async (index) => interleave((await read(index)).subarray(labelBytes)),
    labels: async () => {
      const labels = [];
      for (let index = 0; index < file.bytes / record; index++) {
        const bytes = await read(index);
        labels.push({ label: bytes[labelBytes - 1]!, coarse: labelBytes === 2 ? bytes[0]! : null });
      }
      return labels;
    },
  };
}

function blockReader(file: StoredFile, record: number): (index: number) => Promise<Uint8Array> {
  let held = -1;
  let block: Promise<Uint8Array> = Promise.resolve(new Uint8Array());
  return async (index) => {
    const wanted = Math.floor(index / RECORDS_AT_ONCE);
    if (wanted !== held) {
      held = wanted;
      block = file.read(wanted * RECORDS_AT_ONCE * record, RECORDS_AT_ONCE * record);
    }
    const from = (index % RECORDS_AT_ONCE) * record;
    return (await block).subarray(from, from + record);
  };
}

function interleave(planes: Uint8Array): StoredImage {
  if (planes.length !== PIXEL_BYTES) throw new Error('the file ends within this image');
  const pixels = new Uint8Array(PIXEL_BYTES);
  for (let pixel = 0; pixel < PLANE; pixel++)
    for (let channel = 0; channel < 3; channel++)
      pixels[3 * pixel + channel] = planes[channel * PLANE + pixel]!;
  return { kind: 'pixels', pixels, width: SIDE, height: SIDE, channels: 3 };
}

/** What the label numbers mean: the list beside the batches, else the names of CIFAR-10 for its own ten; numbers otherwise. */
export async function readCifarNames(
  tree: FileTree,
  files: readonly string[],
  batch: string,
  kind: 'label' | 'coarse',
  labelBytes: 1 | 2,
): Promise<(label: number) => string> {
  const listName =
    labelBytes === 1 ? 'batches.meta.txt' : `${kind === 'label' ? 'fine' : 'coarse'}_label_names.txt`;
  const path = posix.join(posix.dirname(batch), listName);
  let names: readonly string[] = labelBytes === 1 ? TEN : [];
  if (files.includes(path)) {
    const file = await tree.file(path);
    if (file.bytes <= LARGEST_NAMES_BYTES) {
      const lines = Buffer.from(await readWhole(file))
        .toString('utf8')
        .split(/\r?\n/);
      names = lines.map((line) => line.trim()).filter((line) => line !== '');
    }
  }
  return (label) => names[label] ?? String(label);
}
