/** @file Dense row-major tensors over typed arrays, and the element types of the graph. */
import { assert } from '../base/assert.ts';

export type DType = 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'uint8' | 'int8' | 'bool';
export type Shape = readonly number[];

/** Storage per element type; float16 is kept as raw bits, bool as 0/1 bytes. */
export interface TensorDataOf {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  uint8: Uint8Array;
  int8: Int8Array;
  bool: Uint8Array;
}
export type TensorData = TensorDataOf[DType];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface Tensor<D extends DType = DType> extends TensorType {
  readonly dtype: D;
  readonly data: TensorDataOf[D];
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const extent of shape) count *= extent;
  return count;
}

/** A tensor of the given type over `data`, whose length must fit. */
export function makeTensor<D extends DType>(dtype: D, shape: Shape, data: TensorDataOf[D]): Tensor<D> {
  assert(
    data.length === elementCount(shape),
    `shape [${shape.join(',')}] wants ${elementCount(shape)} elements, got ${data.length}`,
  );
  return { dtype, shape, data };
}

export function float32(shape: Shape, data: Float32Array): Tensor<'float32'> {
  return makeTensor('float32', shape, data);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16';
}

/** A tensor of `dtype` holding `numbers`, rounded as the element type does; float16 is stored as raw bits. */
export function tensorOf(dtype: DType, shape: Shape, numbers: ArrayLike<number>): Tensor {
  switch (dtype) {
    case 'float32':
      return makeTensor(dtype, shape, new Float32Array(numbers));
    case 'float64':
      return makeTensor(dtype, shape, new Float64Array(numbers));
    case 'float16':
      return makeTensor(dtype, shape, new Uint16Array(new Float16Array(numbers).buffer));
    case 'int64':
      return makeTensor(dtype, shape, fillFrom(new BigInt64Array(numbers.length), numbers, toInt64));
    case 'int32':
      return makeTensor(dtype, shape, new Int32Array(numbers));
    case 'uint8':
      return makeTensor(dtype, shape, new Uint8Array(numbers));
    case 'int8':
      return makeTensor(dtype, shape, new Int8Array(numbers));
    case 'bool':
      return makeTensor(dtype, shape, fillFrom(new Uint8Array(numbers.length), numbers, toBool));
  }
}

/** As TypedArray.from does with a mapping, but several times faster: no iterator is asked for each element. */
function fillFrom<Data extends { [index: number]: Element }, Element>(
  data: Data,
  numbers: ArrayLike<number>,
  convert: (number: number) => Element,
): Data {
  for (let index = 0; index < numbers.length; index++) data[index] = convert(numbers[index]!);
  return data;
}

function toBool(number: number): number {
  return number === 0 ? 0 : 1;
}

const INT64_MAX = 2n ** 63n - 1n;

/** Saturates: the largest int64, by which files say "to the end", is one too many once it has been a double. */
function toInt64(number: number): bigint {
  const whole = BigInt(number);
  return whole > INT64_MAX ? INT64_MAX : whole < -INT64_MAX ? -INT64_MAX : whole;
}

/** The elements as doubles (int64 exact up to 2^53). */
export function numbersOf(tensor: Tensor): Float64Array {
  if (tensor.data instanceof BigInt64Array) return Float64Array.from(tensor.data, Number);
  if (tensor.dtype === 'float16') {
    const bits = tensor.data as Uint16Array;
    return new Float64Array(new Float16Array(bits.buffer, bits.byteOffset, bits.length));
  }
  return new Float64Array(tensor.data);
}
