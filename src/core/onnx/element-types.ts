/** @file The element types of ONNX files: which of ours holds each, and how its bytes become that. */
import { AppError } from '../base/app-error.ts';
import type { DType, TensorData } from '../tensor/tensor.ts';

/** An element type that one of ours holds without loss. */
export interface ElementType {
  readonly name: string;
  readonly dtype: DType;
  /** Bytes per element in the file. */
  readonly width: 1 | 2 | 4 | 8;
  /** The elements over `bytes`, which are aligned and may be kept; their number is a multiple of `width`. */
  readonly widen: (bytes: Uint8Array) => TensorData;
}

/** Elements that no type of ours holds. */
export interface UnsupportedElementType {
  readonly name: string;
  readonly dtype: null;
}

const unsupported = (name: string): UnsupportedElementType => ({ name, dtype: null });

const types: Readonly<Record<number, ElementType | UnsupportedElementType>> = {
  0: unsupported('undefined'),
  1: { name: 'float32', dtype: 'float32', width: 4, widen: (bytes) => over(Float32Array, bytes) },
  2: { name: 'uint8', dtype: 'uint8', width: 1, widen: (bytes) => bytes },
  3: { name: 'int8', dtype: 'int8', width: 1, widen: (bytes) => over(Int8Array, bytes) },
  4: { name: 'uint16', dtype: 'int32', width: 2, widen: (bytes) => new Int32Array(over(Uint16Array, bytes)) },
  5: { name: 'int16', dtype: 'int32', width: 2, widen: (bytes) => new Int32Array(over(Int16Array, bytes)) },
  6: { name: 'int32', dtype: 'int32', width: 4, widen: (bytes) => over(Int32Array, bytes) },
  7: { name: 'int64', dtype: 'int64', width: 8, widen: (bytes) => over(BigInt64Array, bytes) },
  8: unsupported('string'),
  9: { name: 'bool', dtype: 'bool', width: 1, widen: (bytes) => bytes.map((byte) => (byte === 0 ? 0 : 1)) },
  10: { name: 'float16', dtype: 'float16', width: 2, widen: (bytes) => over(Uint16Array, bytes) },
  11: { name: 'float64', dtype: 'float64', width: 8, widen: (bytes) => over(Float64Array, bytes) },
  12: { name: 'uint32', dtype: 'int64', width: 4, widen: widenUint32 },
  13: { name: 'uint64', dtype: 'int64', width: 8, widen: widenUint64 },
  14: unsupported('complex64'),
  15: unsupported('complex128'),
  16: { name: 'bfloat16', dtype: 'float32', width: 2, widen: widenBfloat16 },
  17: unsupported('float8e4m3fn'),
  18: unsupported('float8e4m3fnuz'),
  19: unsupported('float8e5m2'),
  20: unsupported('float8e5m2fnuz'),
  21: unsupported('uint4'),
  22: unsupported('int4'),
  23: unsupported('float4e2m1'),
  24: unsupported('float8e8m0'),
};

/** The element type behind a code of the file. */
export function elementTypeOf(code: number): ElementType | UnsupportedElementType {
  return types[code] ?? unsupported(`element type ${code}`);
}

function over<View>(
  View: {
    new (buffer: ArrayBufferLike, offset: number, length: number): View;
    readonly BYTES_PER_ELEMENT: number;
  },
  { buffer, byteOffset, byteLength }: Uint8Array,
): View {
  return new View(buffer, byteOffset, byteLength / View.BYTES_PER_ELEMENT);
}

/** A bfloat16 is the upper half of a float32. */
function widenBfloat16(bytes: Uint8Array): Float32Array {
  const bits = Uint32Array.from(over(Uint16Array, bytes), (upper) => upper << 16);
  return new Float32Array(bits.buffer);
}

function widenUint32(bytes: Uint8Array): BigInt64Array {
  const elements = over(Uint32Array, bytes);
  // Low halves at even places, zeros between them.
  const halves = new Uint32Array(elements.length * 2);
  elements.forEach((element, index) => (halves[index * 2] = element));
  return new BigInt64Array(halves.buffer);
}

function widenUint64(bytes: Uint8Array): BigInt64Array {
  const halves = over(Uint32Array, bytes);
  for (let index = 1; index < halves.length; index += 2) {
    if (halves[index]! > 0x7fffffff) {
      throw new AppError('model-invalid', { reason: 'an unsigned number in it is beyond 2^63 − 1' });
    }
  }
  return over(BigInt64Array, bytes);
}
