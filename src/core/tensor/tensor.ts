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
