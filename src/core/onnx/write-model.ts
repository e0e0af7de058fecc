/** @file ONNX model → bytes. Equal models give equal bytes. */
import type { Tensor } from '../tensor/tensor.ts';
import type {
  Dimension,
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxValueType,
} from './model.ts';
import type { ExternalData } from './external-data.ts';
import { ProtoWriter } from './proto-writer.ts';
import {
  attributeFields,
  attributeTypes,
  dataLocations,
  dimensionFields,
  elementTypeCodes,
  entryFields,
  functionFields,
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

/** Where the bytes of an initializer lie outside the model; null: they stay in it. */
export type PlaceOutside = (bytes: Uint8Array, name: string) => Omit<ExternalData, 'length'> | null;

export function writeModel(
  model: OnnxModel,
  placeOutside: PlaceOutside = () => null,
): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  writer.integer(modelFields.irVersion, model.irVersion);
  writer.string(modelFields.producer, model.producer);
  writer.message(modelFields.graph, (graph) => writeGraph(graph, model, placeOutside));
  writeOpsets(writer, modelFields.opset, model.opsets);
  for (const one of model.functions) {
    writer.message(modelFields.function, (message) => writeFunction(message, one));
  }
  return writer.finish();
}

function writeOpsets(writer: ProtoWriter, field: number, opsets: ReadonlyMap<string, number>): void {
  for (const [domain, version] of opsets) {
    writer.message(field, (opset) => {
      opset.string(opsetFields.domain, domain);
      opset.integer(opsetFields.version, version);
    });
  }
}

function writeFunction(message: ProtoWriter, one: OnnxFunction): void {
  message.string(functionFields.name, one.name);
  for (const input of one.inputs) message.string(functionFields.input, input);
  for (const output of one.outputs) message.string(functionFields.output, output);
  for (const attribute of one.attributes) message.string(functionFields.attribute, attribute);
  for (const node of one.nodes) message.message(functionFields.node, (part) => writeNode(part, node));
  writeOpsets(message, functionFields.opset, one.opsets);
  message.string(functionFields.domain, one.domain);
  for (const [name, attribute] of one.attributeDefaults) {
    message.message(functionFields.attributeDefault, (part) => writeAttribute(part, name, attribute));
  }
}

function writeGraph(graph: ProtoWriter, model: OnnxGraph, placeOutside: PlaceOutside = () => null): void {
  for (const node of model.nodes) graph.message(graphFields.node, (message) => writeNode(message, node));
  graph.string(graphFields.name, model.graphName);
  for (const [name, tensor] of model.initializers) {
    graph.message(graphFields.initializer, (message) => writeTensor(message, tensor, name, placeOutside));
  }
  for (const [name, type] of model.inputs) {
    graph.message(graphFields.input, (message) => writeValueInfo(message, name, type));
  }
  for (const [name, type] of model.outputs) {
    graph.message(graphFields.output, (message) => writeValueInfo(message, name, type));
  }
  for (const [name, type] of model.statedTypes ?? []) {
    graph.message(graphFields.valueInfo, (message) => writeValueInfo(message, name, type));
  }
}

function writeNode(message: ProtoWriter, node: OnnxNode): void {
  for (const input of node.inputs) message.string(nodeFields.input, input);
  for (const output of node.outputs) message.string(nodeFields.output, output);
  message.string(nodeFields.name, node.name);
  message.string(nodeFields.opType, node.opType);
  if (node.domain !== '') message.string(nodeFields.domain, node.domain);
  for (const [name, attribute] of node.attributes) {
    message.message(nodeFields.attribute, (part) => writeAttribute(part, name, attribute));
  }
}

function writeAttribute(message: ProtoWriter, name: string, attribute: OnnxAttribute): void {
  message.string(attributeFields.name, name);
  if (attribute.kind === 'reference') {
    message.string(attributeFields.reference, attribute.value);
    return;
  }
  writeValue(message, attribute);
  message.integer(attributeFields.type, attributeTypes[attribute.kind]);
}

function writeValue(message: ProtoWriter, attribute: Exclude<OnnxAttribute, { kind: 'reference' }>): void {
  const field = attributeFields[attribute.kind];
  const tensor = (value: Tensor): void => message.message(field, (part) => writeTensor(part, value, ''));
  const graph = (value: OnnxGraph): void => message.message(field, (part) => writeGraph(part, value));
  switch (attribute.kind) {
    case 'int':
      message.integer(field, attribute.value);
      break;
    case 'float':
      message.float(field, attribute.value);
      break;
    case 'string':
      message.string(field, attribute.value);
      break;
    case 'tensor':
      tensor(attribute.value);
      break;
    case 'graph':
      graph(attribute.value);
      break;
    case 'ints':
      message.packedIntegers(field, attribute.value);
      break;
    case 'floats':
      message.packedFloats(field, attribute.value);
      break;
    case 'strings':
      for (const value of attribute.value) message.string(field, value);
      break;
    case 'tensors':
      attribute.value.forEach(tensor);
      break;
    case 'graphs':
      attribute.value.forEach(graph);
      break;
  }
}

function writeTensor(
  message: ProtoWriter,
  tensor: Tensor,
  name: string,
  placeOutside: PlaceOutside = () => null,
): void {
  message.packedIntegers(tensorFields.dimensions, tensor.shape);
  message.integer(tensorFields.dataType, elementTypeCodes[tensor.dtype]);
  if (name !== '') message.string(tensorFields.name, name);
  const { buffer, byteOffset, byteLength } = tensor.data;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const place = placeOutside(bytes, name);
  if (place === null) {
    message.bytes(tensorFields.rawData, bytes);
    return;
  }
  for (const [key, value] of Object.entries({ ...place, length: byteLength }))
    message.message(tensorFields.externalData, (entry) => {
      entry.string(entryFields.key, key);
      entry.string(entryFields.value, String(value));
    });
  message.integer(tensorFields.dataLocation, dataLocations.external);
}

function writeValueInfo(message: ProtoWriter, name: string, type: OnnxValueType | null): void {
  message.string(valueInfoFields.name, name);
  if (type === null) return;
  message.message(valueInfoFields.type, (typeMessage) => {
    typeMessage.message(typeFields.tensor, (tensorType) => {
      tensorType.integer(tensorTypeFields.elementType, elementTypeCodes[type.dtype]);
      if (type.shape !== null) writeShape(tensorType, type.shape);
    });
  });
}

function writeShape(message: ProtoWriter, dimensions: readonly Dimension[]): void {
  message.message(tensorTypeFields.shape, (shape) => {
    for (const dimension of dimensions) {
      shape.message(shapeFields.dimension, (part) => {
        if (typeof dimension === 'number') part.integer(dimensionFields.value, dimension);
        else if (dimension !== null) part.string(dimensionFields.name, dimension);
      });
    }
  });
}
