/** @file ONNX files whose weights lie in another file, at whatever place a test wants to claim. */
import { ProtoWriter } from '../src/core/onnx/proto-writer.ts';
import {
  dataLocations,
  elementTypeCodes,
  entryFields,
  graphFields,
  modelFields,
  nodeFields,
  tensorFields,
  valueInfoFields,
} from '../src/core/onnx/schema.ts';

export interface ExternalClaim {
  readonly location?: string;
  readonly offset?: string;
  readonly length?: string;
  readonly shape?: readonly number[];
}

/** y = w for every claim: uint8 tensors w0, w1 …, of shape [4] where none is claimed. */
export function externalModel(claims: readonly ExternalClaim[]): Uint8Array<ArrayBuffer> {
  const writer = new ProtoWriter();
  writer.message(modelFields.graph, (graph) => {
    claims.forEach((claim, index) => {
      graph.message(graphFields.node, (node) => {
        node.string(nodeFields.input, `w${index}`);
        node.string(nodeFields.output, `y${index}`);
        node.string(nodeFields.opType, 'Identity');
      });
      graph.message(graphFields.initializer, (tensor) => writeClaim(tensor, `w${index}`, claim));
      graph.message(graphFields.output, (output) => output.string(valueInfoFields.name, `y${index}`));
    });
  });
  return writer.finish();
}

function writeClaim(tensor: ProtoWriter, name: string, { shape = [4], ...entries }: ExternalClaim): void {
  tensor.packedIntegers(tensorFields.dimensions, shape);
  tensor.integer(tensorFields.dataType, elementTypeCodes.uint8);
  tensor.string(tensorFields.name, name);
  for (const [key, value] of Object.entries(entries)) {
    tensor.message(tensorFields.externalData, (entry) => {
      entry.string(entryFields.key, key);
      entry.string(entryFields.value, value);
    });
  }
  tensor.integer(tensorFields.dataLocation, dataLocations.external);
}
