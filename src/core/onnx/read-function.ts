/** @file FunctionProto → local function; operator-set imports, which models and functions share. */
import type { ReadExternal } from './external-data.ts';
import type { OnnxAttribute, OnnxFunction, OnnxNode } from './model.ts';
import { readFields, signedOf, stringOf } from './proto-reader.ts';
import { readAttribute } from './read-attribute.ts';
import { partReaders, readNode, standardDomain } from './read-graph.ts';
import { functionFields, opsetFields } from './schema.ts';

export function readFunction(bytes: Uint8Array, readExternal: ReadExternal): OnnxFunction {
  const readers = partReaders(readExternal, 0);
  let [name, domain] = ['', ''];
  const [inputs, outputs, attributes]: [string[], string[], string[]] = [[], [], []];
  const nodes: OnnxNode[] = [];
  const opsets = new Map<string, number>();
  const attributeDefaults = new Map<string, OnnxAttribute>();
  for (const field of readFields(bytes)) {
    switch (field.field) {
      case functionFields.name:
        name = stringOf(field);
        break;
      case functionFields.domain:
        domain = standardDomain(stringOf(field));
        break;
      case functionFields.input:
        inputs.push(stringOf(field));
        break;
      case functionFields.output:
        outputs.push(stringOf(field));
        break;
      case functionFields.attribute:
        attributes.push(stringOf(field));
        break;
      case functionFields.attributeDefault:
        attributeDefaults.set(...readAttribute(field.bytes, readers));
        break;
      case functionFields.opset:
        opsets.set(...readOpset(field.bytes));
        break;
      case functionFields.node:
        nodes.push(readNode(field.bytes, readers));
        break;
    }
  }
  return { domain, name, inputs, outputs, attributes, attributeDefaults, opsets, nodes };
}

/** [domain, version] of an operator-set import. */
export function readOpset(bytes: Uint8Array): [string, number] {
  let domain = '';
  let version = 0;
  for (const field of readFields(bytes)) {
    if (field.field === opsetFields.domain) domain = standardDomain(stringOf(field));
    else if (field.field === opsetFields.version) version = signedOf(field);
  }
  return [domain, version];
}
