/** @file AttributeProto → attribute. What holds tensors or graphs is read by the given readers. */
import { AppError } from '../base/app-error.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { OnnxAttribute, OnnxGraph } from './model.ts';
import { floatsOf, integersOf, readFields, signedOf, stringOf, type ProtoField } from './proto-reader.ts';
import { attributeFields, attributeTypes } from './schema.ts';

/** How an attribute reads the parts that have a reader of their own. */
export interface PartReaders {
  readonly tensor: (bytes: Uint8Array) => Tensor;
  readonly graph: (bytes: Uint8Array) => OnnxGraph;
}

type Kind = keyof typeof attributeTypes;

const kinds = Object.keys(attributeTypes) as Kind[];
const kindOfType = new Map<number, Kind>(kinds.map((kind) => [attributeTypes[kind], kind]));
const kindOfField = new Map<number, Kind>(kinds.map((kind) => [attributeFields[kind], kind]));

/** The attribute's name and value. An attribute of an unknown kind is refused as `model-value-unsupported`. */
export function readAttribute(bytes: Uint8Array, readers: PartReaders): [string, OnnxAttribute] {
  let [name, type, reference] = ['', 0, ''];
  const parts = new Map<Kind, ProtoField[]>();
  for (const field of readFields(bytes)) {
    const kind = kindOfField.get(field.field);
    if (kind !== undefined) appendTo(parts, kind, field);
    else if (field.field === attributeFields.name) name = stringOf(field);
    else if (field.field === attributeFields.type) type = signedOf(field);
    else if (field.field === attributeFields.reference) reference = stringOf(field);
  }
  if (reference !== '') return [name, { kind: 'reference', value: reference }];
  // The oldest writers leave the type out: it is the kind of what is there.
  const kind = type === 0 ? parts.keys().next().value : kindOfType.get(type);
  if (kind === undefined) {
    throw new AppError('model-value-unsupported', { name, role: 'attribute', kind: `value of type ${type}` });
  }
  return [name, valueReaders[kind](parts.get(kind) ?? [], readers)];
}

function appendTo(parts: Map<Kind, ProtoField[]>, kind: Kind, field: ProtoField): void {
  const fields = parts.get(kind);
  if (fields === undefined) parts.set(kind, [field]);
  else fields.push(field);
}

type ValueReader = (fields: readonly ProtoField[], readers: PartReaders) => OnnxAttribute;

/** Other writers leave a field out when it is zero or empty. */
const valueReaders: Readonly<Record<Kind, ValueReader>> = {
  int: (fields) => ({ kind: 'int', value: fields.flatMap(integersOf).at(-1) ?? 0 }),
  float: (fields) => ({ kind: 'float', value: fields.flatMap(floatsOf).at(-1) ?? 0 }),
  string: (fields) => ({ kind: 'string', value: fields.map(stringOf).at(-1) ?? '' }),
  tensor: (fields, { tensor }) => ({ kind: 'tensor', value: tensor(lastOf(fields)) }),
  graph: (fields, { graph }) => ({ kind: 'graph', value: graph(lastOf(fields)) }),
  ints: (fields) => ({ kind: 'ints', value: fields.flatMap(integersOf) }),
  floats: (fields) => ({ kind: 'floats', value: fields.flatMap(floatsOf) }),
  strings: (fields) => ({ kind: 'strings', value: fields.map(stringOf) }),
  tensors: (fields, { tensor }) => ({ kind: 'tensors', value: fields.map(({ bytes }) => tensor(bytes)) }),
  graphs: (fields, { graph }) => ({ kind: 'graphs', value: fields.map(({ bytes }) => graph(bytes)) }),
};

function lastOf(fields: readonly ProtoField[]): Uint8Array {
  const last = fields.at(-1);
  if (last === undefined) throw new AppError('model-invalid', { reason: 'an attribute in it is empty' });
  return last.bytes;
}
