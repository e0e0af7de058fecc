/** @file Derivatives of the reductions: the cotangent is spread back over the reduced axes. */
import { present } from '../../base/assert.ts';
import { shapeOf, type Graph, type GraphNode, type Value } from '../../graph/graph.ts';
import type { ReduceAttributes } from '../../graph/op-attributes.ts';
import { reducedShape } from '../../tensor/shape.ts';
import { cast, div, equal, expand, mul, reshape, sum } from '../build.ts';
import type { GradientRules } from '../rule.ts';
import { noGradient } from './no-gradient.ts';

/** A reduced value with its axes back as extent 1, so that it broadcasts against the input. */
function keepAxes(graph: Graph, reduced: Value, input: Value, { axes }: ReduceAttributes): Value {
  return reshape(graph, reduced, reducedShape(shapeOf(input), axes, true));
}

/** dy goes to the extreme element; where several are equal, they share it evenly. */
function extremeGradient(
  graph: Graph,
  { inputs, outputs, attributes }: GraphNode<'ReduceMax' | 'ReduceMin'>,
  [dy]: readonly (Value | null)[],
): readonly Value[] {
  const x = inputs[0]!;
  const isExtreme = cast(graph, equal(graph, x, keepAxes(graph, outputs[0]!, x, attributes)), x.type.dtype);
  const tieCount = sum(graph, isExtreme, { axes: attributes.axes, keepDims: true });
  const share = div(graph, keepAxes(graph, present(dy, 'dy'), x, attributes), tieCount);
  return [mul(graph, isExtreme, share)];
}

export const reductionGradients = {
  ReduceSum: (graph, { inputs, attributes }, [dy]) => {
    const x = inputs[0]!;
    return [expand(graph, keepAxes(graph, present(dy, 'dy'), x, attributes), shapeOf(x))];
  },
  ReduceMean: (graph, { inputs, attributes }, [dy]) => {
    const x = inputs[0]!;
    const count = attributes.axes.reduce((product, axis) => product * shapeOf(x)[axis]!, 1);
    const share = mul(graph, keepAxes(graph, present(dy, 'dy'), x, attributes), 1 / count);
    return [expand(graph, share, shapeOf(x))];
  },
  ReduceMax: extremeGradient,
  ReduceMin: extremeGradient,
  ArgMax: noGradient,
  TopK: noGradient,
} satisfies Partial<GradientRules>;
