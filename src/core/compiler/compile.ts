/** @file The whole way from a graph to a program that any ONNX runtime executes. */
import { assert } from '../base/assert.ts';
import type { Program } from '../execution/executor.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { verifyModel } from '../onnx/verify-model.ts';
import { writeModel } from '../onnx/write-model.ts';
import { verifyGraph } from '../ops/verify.ts';
import { lowerGraph, type LowerOptions } from './lower/lower-graph.ts';

/**
 * Equal graphs give equal bytes: their hash can stand for the program. What each phase hands on is checked: a fault shows where it was
 * made, not as a message of ONNX Runtime about a name.
 */
export function compile(
  graph: Graph,
  outputs: Readonly<Record<string, Value>>,
  options: LowerOptions,
): Program {
  demand(verifyGraph(graph), 'the graph');
  const model = lowerGraph(graph, new Map(Object.entries(outputs)), options);
  demand(verifyModel(model), 'the lowered model');
  const types = Object.entries(outputs).map(([name, value]) => [name, value.type] as const);
  return { onnx: writeModel(model), inputs: model.inputs, outputs: new Map(types) };
}

function demand(faults: readonly string[], what: string): void {
  assert(faults.length === 0, `${what} is not legal: ${faults.slice(0, 3).join('; ')}`);
}
