/** @file AttributeProto → attribute. What holds tensors or graphs is read by the given readers. */
import { AppError } from '../base/app-error.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { OnnxAttribute, OnnxGraph } from './model.ts';
import {
  floatOf,
  floatsOf,
  integersOf,
  readFields,
  signedOf,
  stringOf,
  type ProtoField,
} from './proto-reader.ts';
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
    if (kind !== undefined) parts.set(kind, [...(parts.get(kind) ?? []), field]);
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
  return [name, readValue(kind, parts.get(kind) ?? [], readers, name)];
}

/** Other writers leave a field out when it is zero or empty. */
function readValue(
  kind: Kind,
  fields: readonly ProtoField[],
  readers: PartReaders,
  name: string,
): OnnxAttribute {
  const last = fields.at(-1);
  switch (kind) {
    case 'int':
      return { kind, value: last === undefined ? 0 : signedOf(last) };
    case 'float':
      return { kind, value: last === undefined ? 0 : floatOf(last) };
    case 'string':
      return { kind, value: last === undefined ? '' : stringOf(last) };
    case 'tensor':
      return { kind, value: readers.tensor(needed(last, name).bytes) };
    case 'graph':
      return { kind, value: readers.graph(needed(last, name).bytes) };
    case 'ints':
      return { kind, value: fields.flatMap(integersOf) };
    case 'floats':
      return { kind, value: fields.flatMap(floatsOf) };
    case 'strings':
      return { kind, value: fields.map(stringOf) };
    case 'tensors':
      return { kind, value: fields.map(({ bytes }) => readers.tensor(bytes)) };
    case 'graphs':
      return { kind, value: fields.map(({ bytes }) => readers.graph(bytes)) };
  }
}

function needed(field: ProtoField | undefined, name: string): ProtoField {
  if (field === undefined) throw new AppError('model-invalid', { reason: `attribute ${name} is empty` });
  return field;
}
