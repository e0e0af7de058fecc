/** @file Bytes → ONNX model. Malformed bytes give an AppError: no crash, no hang, no allocation beyond what the bytes fill. */
import { AppError } from '../base/app-error.ts';
import type { ReadExternal } from './external-data.ts';
import type { OnnxFunction, OnnxModel } from './model.ts';
import { neededNames } from './needed-names.ts';
import { readFields, signedOf, stringOf } from './proto-reader.ts';
import { readFunction, readOpset } from './read-function.ts';
import { readMainGraph, type GraphReading } from './read-graph.ts';
import { modelFields } from './schema.ts';

/**
 * The model in `bytes`. Element types that ours hold without loss arrive as those (bfloat16 as float32, 16-bit integers as int32,
 * uint32 and uint64 as int64); an input that has an initializer is a constant. What cannot be held (strings, sparse tensors,
 * sequences …) is left out where no tensor output depends on it.
 * @param readExternal fetches tensors kept beside the model; without it they are refused
 * @throws AppError model-invalid; model-tensor-unsupported, model-value-unsupported, model-external-data where an output needs
 *   what cannot be held
 */
export function readModel(bytes: Uint8Array, readExternal: ReadExternal = refuseExternal): OnnxModel {
  let [irVersion, producer] = [0, ''];
  let reading: GraphReading | null = null;
  const opsets = new Map<string, number>();
  const functions: OnnxFunction[] = [];
  for (const field of readFields(bytes)) {
    if (field.field === modelFields.irVersion) irVersion = signedOf(field);
    else if (field.field === modelFields.producer) producer = stringOf(field);
    else if (field.field === modelFields.graph) reading = readMainGraph(field.bytes, readExternal);
    else if (field.field === modelFields.opset) opsets.set(...readOpset(field.bytes));
    else if (field.field === modelFields.function) functions.push(readFunction(field.bytes, readExternal));
  }
  if (reading === null) throw new AppError('model-invalid', { reason: 'it holds no graph' });
  refuseWhatIsNeeded(reading);
  return { irVersion, producer, opsets, functions, ...reading.graph, inputs: reading.inputs };
}

function refuseWhatIsNeeded({ graph, refusals }: GraphReading): void {
  if (refusals.size === 0) return;
  const [first] = refusals.values();
  if (graph.outputs.size === 0 && first !== undefined) throw first;
  for (const name of neededNames(graph, graph.outputs.keys())) {
    const refusal = refusals.get(name);
    if (refusal !== undefined) throw refusal;
  }
}

const refuseExternal: ReadExternal = ({ location }, name) => {
  throw new AppError('model-external-data', {
    name,
    location,
    reason: 'only the bytes of the model itself are at hand',
  });
};
