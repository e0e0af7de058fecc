/** @file Derivatives of the operators that move elements: each is linear, so its rule is its adjoint. */
import { present } from '../../base/assert.ts';
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import type { OpAttributes } from '../../graph/op-attributes.ts';
import {
  flip,
  gather,
  gatherElements,
  pad,
  reshape,
  scatterAdd,
  scatterElementsAdd,
  slice,
  sumToShape,
  transpose,
} from '../build.ts';
import type { Shape } from '../../tensor/tensor.ts';
import type { GradientRules } from '../rule.ts';

/** The adjoint of taking every `step`-th element: puts step − 1 zeros between neighbours along `axis`. */
function spread(graph: Graph, x: Value, axis: number, step: number): Value {
  const shape = shapeOf(x);
  if (step === 1) return x;
  const columns = reshape(graph, x, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  const before = columns.type.shape.map(() => 0);
  const filled = pad(graph, columns, before, before.with(axis + 1, step - 1));
  const length = shape[axis]! * step;
  // The zeros behind the last element may reach past the border they came from.
  return slice(graph, reshape(graph, filled, shape.with(axis, length)), [{ axis, end: length - step + 1 }]);
}

/** Zeros of `shape` with dy where the slice took its elements. */
function sliceAdjoint(
  graph: Graph,
  dy: Value,
  shape: Shape,
  { starts, steps }: OpAttributes['Slice'],
): Value {
  const backwards = steps.flatMap((step, axis) => (step < 0 ? [axis] : []));
  let spreadOut = flip(graph, dy, backwards);
  steps.forEach((step, axis) => (spreadOut = spread(graph, spreadOut, axis, Math.abs(step))));
  // Where the slice ran backwards, the first element in memory is the one it took last.
  const first = starts.map((start, axis) => {
    const step = steps[axis]!;
    return step > 0 ? start : start + step * (dy.type.shape[axis]! - 1);
  });
  const after = shape.map((extent, axis) => extent - first[axis]! - spreadOut.type.shape[axis]!);
  return pad(graph, spreadOut, first, after);
}

export const movementGradients = {
  Reshape: (graph, { inputs }, [dy]) => [reshape(graph, present(dy, 'dy'), shapeOf(inputs[0]!))],
  Transpose: (graph, { attributes }, [dy]) => {
    const inverse = attributes.permutation.map((_, axis) => attributes.permutation.indexOf(axis));
    return [transpose(graph, present(dy, 'dy'), inverse)];
  },
  Expand: (graph, { inputs }, [dy]) => [sumToShape(graph, present(dy, 'dy'), shapeOf(inputs[0]!))],
  Slice: (graph, { inputs, attributes }, [dy]) => [
    sliceAdjoint(graph, present(dy, 'dy'), shapeOf(inputs[0]!), attributes),
  ],
  Pad: (graph, { inputs, attributes }, [dy]) => {
    const ranges = shapeOf(inputs[0]!).map((extent, axis) => {
      const start = attributes.before[axis]!;
      return { axis, start, end: start + extent };
    });
    return [slice(graph, present(dy, 'dy'), ranges)];
  },
  Concat: (graph, { inputs, attributes: { axis } }, [dy]) => {
    let start = 0;
    return inputs.map((input) => {
      const end = start + shapeOf(input)[axis]!;
      const part = slice(graph, present(dy, 'dy'), [{ axis, start, end }]);
      start = end;
      return part;
    });
  },
  Gather: (graph, { inputs, attributes: { axis } }, [dy]) => [
    scatterAdd(graph, present(dy, 'dy'), inputs[1]!, shapeOf(inputs[0]!), axis),
    null,
  ],
  ScatterAdd: (graph, { inputs, attributes: { axis } }, [dy]) => [
    gather(graph, present(dy, 'dy'), inputs[1]!, axis),
    null,
  ],
  GatherElements: (graph, { inputs, attributes: { axis } }, [dy]) => [
    scatterElementsAdd(graph, present(dy, 'dy'), inputs[1]!, shapeOf(inputs[0]!), axis),
    null,
  ],
  ScatterElementsAdd: (graph, { inputs, attributes: { axis } }, [dy]) => [
    gatherElements(graph, present(dy, 'dy'), inputs[1]!, axis),
    null,
  ],
} satisfies Partial<GradientRules>;
