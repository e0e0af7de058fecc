/** @file Reads an array from NumPy's own format (NEP 1): a header in Python's words, then the numbers in order. */
import { readFileSync } from 'node:fs';
import { AppError } from '../../core/base/app-error.ts';
import { elementCount, float32, makeTensor, numbersOf, type Tensor } from '../../core/tensor/tensor.ts';

/** Magic string and version. */
const PREFIX_BYTES = 8;

/** Floats of two, four or eight bytes as float32; throws `source-not-found` and `npy-invalid`. */
export function readNpy(path: string): Tensor<'float32'> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    // A copy, so that the numbers begin where typed arrays may begin.
    bytes = Uint8Array.from(readFileSync(path));
  } catch (cause) {
    throw new AppError('source-not-found', { path }, { cause });
  }
  const found = parseNpy(bytes);
  if (typeof found === 'string') throw new AppError('npy-invalid', { path, reason: found });
  return found;
}

export interface NpyHeader {
  /** '<f4', '|u1', '<U10'. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Whether the first index runs fastest. */
  readonly isFortran: boolean;
  /** Where the numbers begin, in bytes. */
  readonly start: number;
}

/** `bytes`: at least as far as the header goes. In words what is wrong, where something is. */
export function readNpyHeader(bytes: Uint8Array<ArrayBuffer>): NpyHeader | string {
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== '\x93NUMPY' || bytes.length < PREFIX_BYTES + 4) return 'it is no .npy file';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isShort = bytes[6] === 1;
  const from = PREFIX_BYTES + (isShort ? 2 : 4);
  const start = from + (isShort ? view.getUint16(PREFIX_BYTES, true) : view.getUint32(PREFIX_BYTES, true));
  const header = new TextDecoder('latin1').decode(bytes.subarray(from, start));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const extents = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (type === undefined || extents === undefined) return 'its header does not say what it holds';
  const isFortran = /'fortran_order':\s*True/.test(header);
  const shape = extents.split(',').flatMap((extent) => (extent.trim() === '' ? [] : [Number(extent)]));
  return { type, shape, isFortran, start };
}

/** In words what is wrong, where something is. */
export function parseNpy(bytes: Uint8Array<ArrayBuffer>): Tensor<'float32'> | string {
  const header = readNpyHeader(bytes);
  if (typeof header === 'string') return header;
  if (header.isFortran) return 'its numbers lie column by column';
  return readNumbers(bytes.slice(header.start).buffer, header.type, header.shape);
}

const widths: Readonly<Record<string, number>> = { '<f2': 2, '<f4': 4, '<f8': 8 };

/** Floats of two, four or eight bytes, in order; in words what is wrong, where something is. */
export function readNumbers(
  data: ArrayBuffer,
  type: string,
  shape: readonly number[],
): Tensor<'float32'> | string {
  const width = widths[type];
  if (width === undefined) return `its numbers are of type ${type}`;
  if (data.byteLength !== width * elementCount(shape))
    return `it is ${data.byteLength} bytes long where ${width * elementCount(shape)} were expected`;
  if (type === '<f4') return float32(shape, new Float32Array(data));
  const wide =
    type === '<f8' ? new Float64Array(data) : numbersOf(makeTensor('float16', shape, new Uint16Array(data)));
  return float32(shape, Float32Array.from(wide));
}
