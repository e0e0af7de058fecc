/** @file Bytes → ONNX model, for static shapes and the element types of the graph. */
import { AppError } from '../base/app-error.ts';
import { elementCount, type DType, type Tensor, type TensorType } from '../tensor/tensor.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from './model.ts';
import { floatOf, floatsOf, integersOf, readFields, signedOf, stringOf, viewOf } from './proto-reader.ts';
import {
  attributeFields,
  attributeTypes,
  dimensionFields,
  elementTypeCodes,
  graphFields,
  modelFields,
  nodeFields,
  opsetFields,
  shapeFields,
  tensorFields,
  tensorTypeFields,
  typeFields,
  valueInfoFields,
} from './schema.ts';

export function readModel(bytes: Uint8Array): OnnxModel {
  let irVersion = 0;
  let producer = '';
  let graph: Uint8Array | null = null;
  const opsets = new Map<string, number>();
  for (const field of readFields(bytes)) {
    if (field.field === modelFields.irVersion) irVersion = signedOf(field);
    else if (field.field === modelFields.producer) producer = stringOf(field);
    else if (field.field === modelFields.graph) graph = field.bytes;
    else if (field.field === modelFields.opset) opsets.set(...readOpset(field.bytes));
  }
  if (graph === null) throw new AppError('model-invalid', { reason: 'it holds no graph' });
  return { irVersion, producer, opsets, ...readGraph(graph) };
}

function readOpset(bytes: Uint8Array): [string, number] {
  let domain = '';
  let version = 0;
  for (const field of readFields(bytes)) {
    if (field.field === opsetFields.domain) domain = stringOf(field);
    else if (field.field === opsetFields.version) version = signedOf(field);
  }
  return [domain, version];
}

function readGraph(
  bytes: Uint8Array,
): Pick<OnnxModel, 'graphName' | 'nodes' | 'inputs' | 'outputs' | 'initializers'> {
  let graphName = '';
  const nodes: OnnxNode[] = [];
  const inputs = new Map<string, TensorType>();
  const outputs = new Map<string, TensorType>();
  const initializers = new Map<string, Tensor>();
  for (const field of readFields(bytes)) {
    if (field.field === graphFields.name) graphName = stringOf(field);
    else if (field.field === graphFields.node) nodes.push(readNode(field.bytes));
    else if (field.field === graphFields.input) inputs.set(...readValueInfo(field.bytes));
    else if (field.field === graphFields.output) outputs.set(...readValueInfo(field.bytes));
    else if (field.field === graphFields.initializer) initializers.set(...readTensor(field.bytes));
  }
  return { graphName, nodes, inputs, outputs, initializers };
}

function readNode(bytes: Uint8Array): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  const text = new Map<number, string>();
  for (const field of readFields(bytes)) {
    if (field.field === nodeFields.input) inputs.push(stringOf(field));
    else if (field.field === nodeFields.output) outputs.push(stringOf(field));
    else if (field.field === nodeFields.attribute) attributes.set(...readAttribute(field.bytes));
    else text.set(field.field, stringOf(field));
  }
  return {
    opType: text.get(nodeFields.opType) ?? '',
    domain: text.get(nodeFields.domain) ?? '',
    name: text.get(nodeFields.name) ?? '',
    inputs,
    outputs,
    attributes,
  };
}

function readAttribute(bytes: Uint8Array): [string, OnnxAttribute] {
  let name = '';
  let type = 0;
  const values = new Map<number, OnnxAttribute>();
  const ints: number[] = [];
  const floats: number[] = [];
  for (const field of readFields(bytes)) {
    if (field.field === attributeFields.name) name = stringOf(field);
    else if (field.field === attributeFields.type) type = signedOf(field);
    else if (field.field === attributeFields.ints) ints.push(...integersOf(field));
    else if (field.field === attributeFields.floats) floats.push(...floatsOf(field));
    else if (field.field === attributeFields.int)
      values.set(attributeTypes.int, { kind: 'int', value: signedOf(field) });
    else if (field.field === attributeFields.float)
      values.set(attributeTypes.float, { kind: 'float', value: floatOf(field) });
    else if (field.field === attributeFields.string)
      values.set(attributeTypes.string, { kind: 'string', value: stringOf(field) });
    else if (field.field === attributeFields.tensor)
      values.set(attributeTypes.tensor, { kind: 'tensor', value: readTensor(field.bytes)[1] });
  }
  values.set(attributeTypes.ints, { kind: 'ints', value: ints });
  values.set(attributeTypes.floats, { kind: 'floats', value: floats });
  const attribute = values.get(type) ?? zeroAttribute(type);
  if (attribute === null) {
    throw new AppError('model-invalid', { reason: `attribute ${name} is of the unsupported type ${type}` });
  }
  return [name, attribute];
}

/** Other writers leave a field out when it is zero or empty. */
function zeroAttribute(type: number): OnnxAttribute | null {
  if (type === attributeTypes.int) return { kind: 'int', value: 0 };
  if (type === attributeTypes.float) return { kind: 'float', value: 0 };
  if (type === attributeTypes.string) return { kind: 'string', value: '' };
  return null;
}

function readValueInfo(bytes: Uint8Array): [string, TensorType] {
  let name = '';
  let type: TensorType | null = null;
  for (const field of readFields(bytes)) {
    if (field.field === valueInfoFields.name) name = stringOf(field);
    else if (field.field === valueInfoFields.type) type = readType(field.bytes);
  }
  if (type === null) throw new AppError('model-invalid', { reason: `${name} is not a tensor` });
  return [name, type];
}

function readType(bytes: Uint8Array): TensorType | null {
  for (const field of readFields(bytes)) {
    if (field.field !== typeFields.tensor) continue;
    let dtype: DType = 'float32';
    const shape: number[] = [];
    for (const part of readFields(field.bytes)) {
      if (part.field === tensorTypeFields.elementType) dtype = dtypeOf(signedOf(part));
      else if (part.field === tensorTypeFields.shape) shape.push(...readShape(part.bytes));
    }
    return { dtype, shape };
  }
  return null;
}

function readShape(bytes: Uint8Array): number[] {
  const shape: number[] = [];
  for (const field of readFields(bytes)) {
    if (field.field !== shapeFields.dimension) continue;
    let extent: number | null = null;
    for (const part of readFields(field.bytes)) {
      if (part.field === dimensionFields.value) extent = signedOf(part);
    }
    if (extent === null) throw new AppError('model-invalid', { reason: 'a dimension has no fixed size' });
    shape.push(extent);
  }
  return shape;
}

function readTensor(bytes: Uint8Array): [string, Tensor] {
  let name = '';
  let dtype: DType = 'float32';
  const shape: number[] = [];
  let raw: Uint8Array | null = null;
  const typed: number[] = [];
  for (const field of readFields(bytes)) {
    if (field.field === tensorFields.name) name = stringOf(field);
    else if (field.field === tensorFields.dimensions) shape.push(...integersOf(field));
    else if (field.field === tensorFields.dataType) dtype = dtypeOf(signedOf(field));
    else if (field.field === tensorFields.rawData) raw = field.bytes;
    else if (field.field === tensorFields.floatData) typed.push(...floatsOf(field));
    else if (field.field === tensorFields.int32Data || field.field === tensorFields.int64Data)
      typed.push(...integersOf(field));
    else if (field.field === tensorFields.doubleData) {
      const view = viewOf(field.bytes);
      for (let offset = 0; offset < field.bytes.length; offset += 8)
        typed.push(view.getFloat64(offset, true));
    }
  }
  const tensor = { dtype, shape, data: fillTyped(dtype, raw, typed) } as Tensor;
  if (tensor.data.length !== elementCount(shape)) {
    throw new AppError('model-invalid', { reason: `${name} does not fill its shape [${shape.join()}]` });
  }
  return [name, tensor];
}

function fillTyped(dtype: DType, raw: Uint8Array | null, typed: readonly number[]): Tensor['data'] {
  if (raw === null) {
    return dtype === 'int64' ? BigInt64Array.from(typed, BigInt) : arrayTypes[dtype].from(typed);
  }
  // A copy, because the bytes in the file need not be aligned.
  return new arrayTypes[dtype](raw.slice().buffer);
}

const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  bool: Uint8Array,
} as const;

function dtypeOf(code: number): DType {
  for (const [dtype, known] of Object.entries(elementTypeCodes)) if (known === code) return dtype as DType;
  throw new AppError('model-invalid', { reason: `element type ${code} is not supported` });
}
