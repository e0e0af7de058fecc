/** @file The whole way from a graph to a program that any ONNX runtime executes. */
import type { Program } from '../execution/executor.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { writeModel } from '../onnx/write-model.ts';
import { lowerGraph, type LowerOptions } from './lower/lower-graph.ts';

/** Equal graphs give equal bytes: their hash can stand for the program. */
export function compile(
  graph: Graph,
  outputs: Readonly<Record<string, Value>>,
  options: LowerOptions,
): Program {
  const model = lowerGraph(graph, new Map(Object.entries(outputs)), options);
  const types = Object.entries(outputs).map(([name, value]) => [name, value.type] as const);
  return { onnx: writeModel(model), inputs: model.inputs, outputs: new Map(types) };
}
