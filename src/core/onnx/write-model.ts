/** @file ONNX model → bytes. Equal models give equal bytes. */
import type { Tensor, TensorType } from '../tensor/tensor.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from './model.ts';
import { ProtoWriter } from './proto-writer.ts';
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

export function writeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  writer.integer(modelFields.irVersion, model.irVersion);
  writer.string(modelFields.producer, model.producer);
  writer.message(modelFields.graph, (graph) => writeGraph(graph, model));
  for (const [domain, version] of model.opsets) {
    writer.message(modelFields.opset, (opset) => {
      opset.string(opsetFields.domain, domain);
      opset.integer(opsetFields.version, version);
    });
  }
  return writer.finish();
}

function writeGraph(graph: ProtoWriter, model: OnnxModel): void {
  for (const node of model.nodes) graph.message(graphFields.node, (message) => writeNode(message, node));
  graph.string(graphFields.name, model.graphName);
  for (const [name, tensor] of model.initializers) {
    graph.message(graphFields.initializer, (message) => writeTensor(message, tensor, name));
  }
  for (const [name, type] of model.inputs) {
    graph.message(graphFields.input, (message) => writeValueInfo(message, name, type));
  }
  for (const [name, type] of model.outputs) {
    graph.message(graphFields.output, (message) => writeValueInfo(message, name, type));
  }
}

function writeNode(message: ProtoWriter, node: OnnxNode): void {
  for (const input of node.inputs) message.string(nodeFields.input, input);
  for (const output of node.outputs) message.string(nodeFields.output, output);
  message.string(nodeFields.name, node.name);
  message.string(nodeFields.opType, node.opType);
  if (node.domain !== '') message.string(nodeFields.domain, node.domain);
  for (const [name, attribute] of node.attributes) {
    message.message(nodeFields.attribute, (part) => {
      part.string(attributeFields.name, name);
      writeAttribute(part, attribute);
      part.integer(attributeFields.type, attributeTypes[attribute.kind]);
    });
  }
}

function writeAttribute(message: ProtoWriter, attribute: OnnxAttribute): void {
  switch (attribute.kind) {
    case 'int':
      message.integer(attributeFields.int, attribute.value);
      break;
    case 'float':
      message.float(attributeFields.float, attribute.value);
      break;
    case 'string':
      message.string(attributeFields.string, attribute.value);
      break;
    case 'ints':
      message.packedIntegers(attributeFields.ints, attribute.value);
      break;
    case 'floats':
      message.packedFloats(attributeFields.floats, attribute.value);
      break;
    case 'tensor':
      message.message(attributeFields.tensor, (part) => writeTensor(part, attribute.value, ''));
      break;
  }
}

function writeTensor(message: ProtoWriter, tensor: Tensor, name: string): void {
  message.packedIntegers(tensorFields.dimensions, tensor.shape);
  message.integer(tensorFields.dataType, elementTypeCodes[tensor.dtype]);
  if (name !== '') message.string(tensorFields.name, name);
  const { buffer, byteOffset, byteLength } = tensor.data;
  message.bytes(tensorFields.rawData, new Uint8Array(buffer, byteOffset, byteLength));
}

function writeValueInfo(message: ProtoWriter, name: string, type: TensorType): void {
  message.string(valueInfoFields.name, name);
  message.message(valueInfoFields.type, (typeMessage) => {
    typeMessage.message(typeFields.tensor, (tensorType) => {
      tensorType.integer(tensorTypeFields.elementType, elementTypeCodes[type.dtype]);
      tensorType.message(tensorTypeFields.shape, (shape) => {
        for (const extent of type.shape) {
          shape.message(shapeFields.dimension, (dimension) =>
            dimension.integer(dimensionFields.value, extent),
          );
        }
      });
    });
  });
}
