/** @file Imported graphs compute in float32, whatever float types the file holds. */
import { isFloat, numbersOf, tensorOf, type DType, type Tensor } from '../../tensor/tensor.ts';

/** Floats of any width as float32; everything else as it is. */
export function asFloat32(tensor: Tensor): Tensor {
  const dtype = importedType(tensor.dtype);
  return dtype === tensor.dtype ? tensor : tensorOf(dtype, tensor.shape, numbersOf(tensor));
}

/** The type that values of a file's type have in the graph. */
export function importedType(dtype: DType): DType {
  return isFloat(dtype) ? 'float32' : dtype;
}
