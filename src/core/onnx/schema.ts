/** @file Field numbers and enumerations of `onnx.proto`, shared by writer and reader. */
import type { DType } from '../tensor/tensor.ts';
import type { OnnxAttribute } from './model.ts';

export const modelFields = { irVersion: 1, producer: 2, graph: 7, opset: 8, function: 25 } as const;
export const opsetFields = { domain: 1, version: 2 } as const;
export const graphFields = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const;
export const nodeFields = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
export const functionFields = {
  name: 1,
  input: 4,
  output: 5,
  attribute: 6,
  node: 7,
  opset: 9,
  domain: 10,
  attributeDefault: 11,
} as const;
export const attributeFields = {
  name: 1,
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  type: 20,
  reference: 21,
} as const;
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const satisfies Record<Exclude<OnnxAttribute['kind'], 'reference'>, number>;
export const valueInfoFields = { name: 1, type: 2 } as const;
export const typeFields = {
  tensor: 1,
  sequence: 4,
  map: 5,
  opaque: 7,
  sparseTensor: 8,
  optional: 9,
} as const;
export const tensorTypeFields = { elementType: 1, shape: 2 } as const;
export const shapeFields = { dimension: 1 } as const;
export const dimensionFields = { value: 1, name: 2 } as const;
export const sparseTensorFields = { values: 1 } as const;
export const tensorFields = {
  dimensions: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;
/** Values of `dataLocation`. */
export const dataLocations = { external: 1 } as const;
/** The string pairs that say where external data lies. */
export const entryFields = { key: 1, value: 2 } as const;

/** What the writer writes; the reader knows more (element-types.ts). */
export const elementTypeCodes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const satisfies Record<DType, number>;
