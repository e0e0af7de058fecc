/** @file ValueInfoProto → what a graph's input or output is: a tensor type, or why it is none. */
import { AppError } from '../base/app-error.ts';
import { elementTypeOf } from './element-types.ts';
import type { Dimension, OnnxValueType } from './model.ts';
import { readFields, signedOf, stringOf } from './proto-reader.ts';
import { dimensionFields, shapeFields, tensorTypeFields, typeFields, valueInfoFields } from './schema.ts';

export interface ValueInfo {
  readonly name: string;
  /** null: not stated, or of a kind that no tensor of ours holds. */
  readonly type: OnnxValueType | null;
  /** What the file says it is: "float32 tensor", "sequence", "untyped value". */
  readonly kind: string;
}

const otherKinds: Readonly<Record<number, string>> = {
  [typeFields.sequence]: 'sequence',
  [typeFields.map]: 'map',
  [typeFields.opaque]: 'opaque value',
  [typeFields.sparseTensor]: 'sparse tensor',
  [typeFields.optional]: 'optional value',
};

export const UNTYPED = 'untyped value';

export function readValueInfo(bytes: Uint8Array): ValueInfo {
  let name = '';
  let described: Omit<ValueInfo, 'name'> = { type: null, kind: UNTYPED };
  for (const field of readFields(bytes)) {
    if (field.field === valueInfoFields.name) name = stringOf(field);
    else if (field.field === valueInfoFields.type) described = readType(field.bytes);
  }
  return { name, ...described };
}

function readType(bytes: Uint8Array): Omit<ValueInfo, 'name'> {
  for (const field of readFields(bytes)) {
    if (field.field === typeFields.tensor) return readTensorType(field.bytes);
    const kind = otherKinds[field.field];
    if (kind !== undefined) return { type: null, kind };
  }
  return { type: null, kind: UNTYPED };
}

function readTensorType(bytes: Uint8Array): Omit<ValueInfo, 'name'> {
  let code = 0;
  let shape: Dimension[] | null = null;
  for (const field of readFields(bytes)) {
    if (field.field === tensorTypeFields.elementType) code = signedOf(field);
    else if (field.field === tensorTypeFields.shape) shape = readShape(field.bytes);
  }
  const { name, dtype } = elementTypeOf(code);
  if (code === 0) return { type: null, kind: UNTYPED };
  return { type: dtype === null ? null : { dtype, shape }, kind: `${name} tensor` };
}

function readShape(bytes: Uint8Array): Dimension[] {
  const shape: Dimension[] = [];
  for (const field of readFields(bytes)) {
    if (field.field === shapeFields.dimension) shape.push(readDimension(field.bytes));
  }
  return shape;
}

/** Some writers say −1 where they mean any extent. */
function readDimension(bytes: Uint8Array): Dimension {
  for (const field of readFields(bytes)) {
    if (field.field === dimensionFields.value) {
      const extent = signedOf(field);
      if (extent > Number.MAX_SAFE_INTEGER) {
        throw new AppError('model-invalid', { reason: `a dimension in it is ${extent}` });
      }
      return extent < 0 ? null : extent;
    }
    if (field.field === dimensionFields.name) return stringOf(field) === '' ? null : stringOf(field);
  }
  return null;
}
