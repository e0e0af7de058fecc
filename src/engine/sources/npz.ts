/**
 * @file NumPy's zip of arrays: images as bytes or floats [count, height, width], with channels behind or before height and width, and
 * their labels in an array beside them. Floats are images only where no array of bytes is: beside one they are something made of them.
 */
import { AppError } from '../../core/base/app-error.ts';
import { readNpyHeader, type NpyHeader } from '../artifacts/read-npy.ts';
import type { FileTree, StoredFile } from './file-tree.ts';
import type { ImageArray } from './image-array.ts';
import {
  floatWidths,
  isFloatType,
  readFloats,
  scaleOf,
  toBrightness,
  type FloatType,
} from './float-pixels.ts';
import { openZip } from './zip-tree.ts';

/** Enough for any header of a plain array. */
const HEADER_BYTES = 4096;
const LARGEST_LABEL_BYTES = 2 ** 28;
/** Images of floats whose extremes tell what white is. */
const LOOKED_AT = 256;

interface NpzEntry extends NpyHeader {
  readonly name: string;
  readonly file: StoredFile;
}

/** Sizes of image arrays, where the channels are, and what the numbers are. */
interface ImageShape {
  readonly type: 'byte' | FloatType;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
  readonly order: 'last' | 'first';
}

export interface NpzPart {
  /** Of the array of images. */
  readonly name: string;
  readonly count: number;
  readonly labelsName: string | null;
}

export class Npz {
  readonly modifiedMs: number;
  readonly #path: string;
  readonly #entries: ReadonlyMap<string, NpzEntry>;

  private constructor(path: string, modifiedMs: number, entries: ReadonlyMap<string, NpzEntry>) {
    this.#path = path;
    this.modifiedMs = modifiedMs;
    this.#entries = entries;
  }

  /** Throws `source-archive-invalid` and `source-array-invalid`. */
  static async open(file: StoredFile): Promise<Npz> {
    const zip = await openZip(file);
    const { others, unreadable } = await zip.list();
    if (unreadable[0] !== undefined)
      throw invalid(file.name, `${unreadable[0].path}: ${unreadable[0].detail}`);
    const entries = new Map<string, NpzEntry>();
    for (const path of others.filter((name) => name.endsWith('.npy'))) {
      const entry = await zip.file(path);
      const header = readNpyHeader(await entry.read(0, HEADER_BYTES));
      if (typeof header === 'string') throw invalid(file.name, `${path}: ${header}`);
      const name = path.slice(0, -'.npy'.length);
      entries.set(name, { ...header, name, file: entry });
    }
    return new Npz(file.name, file.modifiedMs, entries);
  }

  /** The arrays of images, each with its labels. Throws `source-array-invalid` where there are none. */
  parts(): NpzPart[] {
    const held = [...this.#entries.values()].flatMap((entry) => {
      const shape = imageShape(entry);
      return shape === null ? [] : [{ name: entry.name, ...shape }];
    });
    const bytes = held.filter(({ type }) => type === 'byte');
    const parts = (bytes.length > 0 ? bytes : held).map(({ name, count }) => ({
      ...{ name, count },
      labelsName: this.#labelsOf(name, count),
    }));
    if (parts.length > 0) return parts;
    const described = [...this.#entries.values()].map(
      ({ name, type, shape }) => `${name}: ${type} [${shape.join(', ')}]`,
    );
    throw invalid(
      this.#path,
      `none of its arrays is one of images, uint8 or floats of three or four sizes (it holds ${described.join('; ') || 'none'})`,
    );
  }

  /** Throws `source-array-invalid`. */
  async images(name: string): Promise<ImageArray> {
    const entry = this.#entries.get(name);
    const shape = entry === undefined ? null : imageShape(entry);
    if (entry === undefined || shape === null) throw invalid(this.#path, `it holds no images called ${name}`);
    const numbers = shape.height * shape.width * shape.channels;
    const size = numbers * (shape.type === 'byte' ? 1 : floatWidths[shape.type]);
    this.#refuseOtherSize(entry, size * shape.count);
    const { start, file } = entry;
    const read = (index: number): Promise<Uint8Array<ArrayBuffer>> => file.read(start + index * size, size);
    const toBytes = shape.type === 'byte' ? null : await this.#brightness(name, shape, shape.type, read);
    return {
      count: shape.count,
      modifiedMs: this.modifiedMs,
      image: async (index) => {
        const found = await read(index);
        const bytes = toBytes === null ? found : toBytes(found);
        const { width, height, channels, order } = shape;
        const pixels = order === 'last' || channels === 1 ? bytes : interleave(bytes, channels);
        return { kind: 'pixels', pixels, width, height, channels };
      },
    };
  }

  /** From an image's floats to its bytes. */
  async #brightness(
    name: string,
    { count }: ImageShape,
    type: FloatType,
    read: (index: number) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<(image: Uint8Array<ArrayBuffer>) => Uint8Array> {
    const looked = await looksAt(count, read);
    const scale = scaleOf(looked.map((image) => readFloats(image, type)));
    if (typeof scale === 'string') throw invalid(this.#path, `${name}: ${scale}`);
    return (image) => toBrightness(readFloats(image, type), scale);
  }

  /** One text an image. */
  async labels(name: string): Promise<string[]> {
    const entry = this.#entries.get(name)!;
    const width = Number(/\d+$/.exec(entry.type)?.[0]) * (entry.type[1] === 'U' ? 4 : 1);
    const count = entry.shape[0]!;
    if (width * count > LARGEST_LABEL_BYTES) throw invalid(this.#path, `${name} takes more than 256 MiB`);
    this.#refuseOtherSize(entry, width * count);
    const bytes = Buffer.from(await entry.file.read(entry.start, width * count));
    const names = await this.#classNames(name);
    return Array.from({ length: count }, (_, index) => {
      const value = readValue(bytes.subarray(index * width, (index + 1) * width), entry.type);
      return names[Number(value)] ?? value;
    });
  }

  async #classNames(labelsName: string): Promise<string[]> {
    const named = ['class_names', 'label_names', 'classes'].find(
      (name) => name !== labelsName && this.#isText(name),
    );
    return named === undefined ? [] : this.labels(named);
  }

  #isText(name: string): boolean {
    const entry = this.#entries.get(name);
    return entry?.type[1] === 'U' && isLabels(entry);
  }

  #labelsOf(name: string, count: number): string | null {
    const ofCount = [...this.#entries.values()].filter(
      (entry) => isLabels(entry) && entry.shape[0] === count,
    );
    const wanted = [
      name.replace(/(^|_)x(_|$)/i, (found) => found.replace('x', 'y').replace('X', 'y')),
      name.replace(/images?|data/i, 'labels'),
      name.replace(/images?|data/i, 'label'),
      name.replace(/images?|data/i, 'targets'),
    ].filter((candidate) => candidate !== name);
    const named = ofCount.find((entry) =>
      wanted.some((label) => label.toLowerCase() === entry.name.toLowerCase()),
    );
    return (
      (named ?? (ofCount.length === 1 && this.#isOnlyImages(name) ? ofCount[0] : undefined))?.name ?? null
    );
  }

  #isOnlyImages(name: string): boolean {
    return [...this.#entries.values()].every((entry) => entry.name === name || imageShape(entry) === null);
  }

  #refuseOtherSize({ name, file, start }: NpzEntry, bytes: number): void {
    if (file.bytes !== start + bytes)
      throw invalid(this.#path, `${name} holds ${file.bytes - start} bytes where its shape needs ${bytes}`);
  }
}

/** Images spread evenly over the array; the same ones at every look. */
async function looksAt<Image>(count: number, read: (index: number) => Promise<Image>): Promise<Image[]> {
  const images: Image[] = [];
  const step = Math.max(1, count / LOOKED_AT);
  for (let at = 0; at < count; at += step) images.push(await read(Math.floor(at)));
  return images;
}

function imageShape({ type: coded, shape, isFortran }: NpyHeader): ImageShape | null {
  const isWhole = shape.every((size) => Number.isSafeInteger(size) && size > 0);
  const type = pixelType(coded);
  if (type === null || isFortran || !isWhole) return null;
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  if (shape.length === 3) return { type, count, height: a, width: b, channels: 1, order: 'last' };
  if (shape.length !== 4) return null;
  const [last, first] = [channelCount(c), channelCount(a)];
  if (last !== null) return { type, count, height: a, width: b, channels: last, order: 'last' };
  return first === null ? null : { type, count, height: b, width: c, channels: first, order: 'first' };
}

function pixelType(coded: string): ImageShape['type'] | null {
  if (/^[|<>=]?u1$/.test(coded)) return 'byte';
  return isFloatType(coded) ? coded : null;
}

function channelCount(size: number): ImageShape['channels'] | null {
  return size === 1 || size === 3 || size === 4 ? size : null;
}

/** Whole numbers or texts, one an image. */
function isLabels({ type, shape }: NpyHeader): boolean {
  return (
    /^[|<]?([iu][1248]|U\d+)$/.test(type) && /^[|<]/.test(type) && shape.slice(1).every((size) => size === 1)
  );
}

function readValue(bytes: Buffer, type: string): string {
  if (type[1] === 'U') {
    const points = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(4 * index));
    const used = points.filter((point) => point !== 0 && point <= 0x10ffff);
    return String.fromCodePoint(...used);
  }
  if (bytes.length === 8) return String(type[1] === 'u' ? bytes.readBigUInt64LE() : bytes.readBigInt64LE());
  return String(type[1] === 'u' ? bytes.readUIntLE(0, bytes.length) : bytes.readIntLE(0, bytes.length));
}

function interleave(planes: Uint8Array, channels: number): Uint8Array {
  const pixels = new Uint8Array(planes.length);
  const plane = planes.length / channels;
  for (let pixel = 0; pixel < plane; pixel++)
    for (let channel = 0; channel < channels; channel++)
      pixels[channels * pixel + channel] = planes[channel * plane + pixel]!;
  return pixels;
}

function invalid(path: string, reason: string): AppError {
  return new AppError('source-array-invalid', { path, reason });
}

/** 'set.npz/x_train' → 'set.npz'. */
export function npzPath(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}

/** 'set.npz/x_train': the array in its file. */
export async function openNpzArray(tree: FileTree, name: string): Promise<ImageArray> {
  const path = npzPath(name);
  const npz = await Npz.open(await tree.file(path));
  return npz.images(name.slice(path.length + 1));
}
