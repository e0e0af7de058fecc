/** @file An operator's case as a graph of that one operator, with content for its inputs. */
import { Random } from '../src/core/base/random.ts';
import type { Feeds } from '../src/core/execution/executor.ts';
import { Graph, type Value } from '../src/core/graph/graph.ts';
import type { OpName } from '../src/core/graph/op-attributes.ts';
import { applyAll } from '../src/core/ops/apply.ts';
import { printShape } from '../src/core/tensor/shape.ts';
import type { Tensor } from '../src/core/tensor/tensor.ts';
import { drawTensor, opCases, type OpCase } from './op-cases.ts';

export interface OpCaseGraph {
  readonly graph: Graph;
  readonly outputs: readonly Value[];
  /** The outputs as y0, y1, … */
  readonly named: Readonly<Record<string, Value>>;
  readonly feeds: Feeds;
}

export function opCaseGraph<Op extends OpName>(op: Op, { inputs, attributes }: OpCase<Op>): OpCaseGraph {
  const graph = new Graph();
  const random = new Random(3, op);
  const feeds: Record<string, Tensor> = {};
  const values = inputs.map((input, index) => {
    const tensor = drawTensor(input, random, 'float32');
    feeds[`x${index}`] = tensor;
    return graph.input(`x${index}`, { dtype: tensor.dtype, shape: tensor.shape });
  });
  const outputs = applyAll(graph, op, values, attributes);
  const named = Object.fromEntries(outputs.map((output, index) => [`y${index}`, output]));
  return { graph, outputs, named, feeds };
}

/** Every case of every operator, with a title. */
export const allOpCases = Object.entries(opCases).flatMap(([op, list]) =>
  list.map((one: OpCase, index) => {
    const shapes = one.inputs.map(({ shape }) => printShape(shape)).join(' ');
    return { op: op as OpName, one, title: `${op} #${index} of ${shapes}` };
  }),
);
