/** @file The whole way from a graph to a program that any ONNX runtime executes. */
import { assert } from '../base/assert.ts';
import type { Program } from '../execution/executor.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { verifyModel } from '../onnx/verify-model.ts';
import { writeModel } from '../onnx/write-model.ts';
import { verifyGraph } from '../ops/verify.ts';
import { peakLiveBytes } from './live-memory.ts';
import { lowerGraph, type LowerOptions } from './lower/lower-graph.ts';

/**
 * Equal graphs give equal bytes: their hash can stand for the program. What each phase hands on is checked: a fault shows where it was
 * made, not as a message of ONNX Runtime about a name.
 */
export function compile(
  graph: Graph,
  outputs: Readonly<Record<string, Value>>,
  options: LowerOptions & { readonly largestWhole?: number },
): Program {
  demand(verifyGraph(graph), 'the graph');
  const model = lowerGraph(graph, new Map(Object.entries(outputs)), options);
  demand(verifyModel(model), 'the lowered model');
  const types = Object.entries(outputs).map(([name, value]) => [name, value.type] as const);
  const liveBytes = peakLiveBytes(graph, Object.values(outputs));
  const written = writeProgram(model, options.largestWhole);
  return { ...written, inputs: model.inputs, outputs: new Map(types), liveBytes };
}

/** A protobuf message has less than 2 GB. */
const LARGEST_WHOLE = 2 ** 30;
/** Smaller tensors may be shapes, which a runtime wants to read before it loads weights. */
const SMALLEST_OUTSIDE = 1024;

/** Weights of more than `largestWhole` bytes are handed over beside the model, uncopied. */
function writeProgram(model: OnnxModel, largestWhole = LARGEST_WHOLE): Pick<Program, 'onnx' | 'weights'> {
  const total = [...model.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (total <= largestWhole) return { onnx: writeModel(model) };
  const weights = new Map<string, Uint8Array>();
  const onnx = writeModel(model, (bytes) => {
    if (bytes.length < SMALLEST_OUTSIDE) return null;
    const location = `weight-${weights.size}`;
    weights.set(location, bytes);
    return { location, offset: 0 };
  });
  return { onnx, weights };
}

function demand(faults: readonly string[], what: string): void {
  assert(faults.length === 0, `${what} is not legal: ${faults.slice(0, 3).join('; ')}`);
}
