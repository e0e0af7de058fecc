/**
 * @file Derivatives of matrix multiplication and of the convolution family. Both are multilinear: the derivative by one factor is the same
 * form with the cotangent in the place of the result. Of ⟨dy, x ∗ w⟩, `Conv` gives the slot dy, `ConvInputGradient` the slot x and
 * `ConvWeightGradient` the slot w, so each one's rule consists of the other two.
 */
import { present } from '../../base/assert.ts';
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import type { ConvGeometry } from '../../graph/op-attributes.ts';
import { apply } from '../apply.ts';
import {
  convInputGradient,
  convWeightGradient,
  matMul,
  plainConv,
  reshape,
  sum,
  sumToShape,
} from '../build.ts';
import type { GradientRules } from '../rule.ts';

/** x ∗ w without a bias. */
function convolve(graph: Graph, x: Value, w: Value, geometry: ConvGeometry): Value {
  return apply(graph, 'Conv', [x, w], plainConv(geometry));
}

/** [N, C, …] → [1, N·C, …]: the batch becomes groups of channels, so that every sample may have a weight of its own. */
function batchIntoGroups(graph: Graph, x: Value): Value {
  const [batch, channels, ...rest] = shapeOf(x);
  return reshape(graph, x, [1, batch! * channels!, ...rest]);
}

export const linearGradients = {
  // Y = op(A)·op(B), op being a transposition or nothing: d op(A) = dY·op(B)ᵀ, d op(B) = op(A)ᵀ·dY.
  MatMul: (graph, { inputs, attributes: { transposeA, transposeB } }, [cotangent]) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    const dy = present(cotangent, 'dy');
    const da = transposeA
      ? matMul(graph, b, dy, { transposeA: transposeB, transposeB: true })
      : matMul(graph, dy, b, { transposeB: !transposeB });
    const db = transposeB
      ? matMul(graph, dy, a, { transposeA: true, transposeB: transposeA })
      : matMul(graph, a, dy, { transposeA: !transposeA });
    return [sumToShape(graph, da, shapeOf(a)), sumToShape(graph, db, shapeOf(b))];
  },
  Conv: (graph, { inputs, attributes }, [cotangent]) => {
    const [x, w, bias] = [inputs[0]!, inputs[1]!, inputs[2]];
    const dy = present(cotangent, 'dy');
    const dx = convInputGradient(graph, dy, w, attributes, shapeOf(x));
    const dw = convWeightGradient(graph, x, dy, attributes, shapeOf(w));
    return bias === undefined ? [dx, dw] : [dx, dw, sum(graph, dy, { axes: [0, 2, 3] })];
  },
  // inputs dy, w; result of x's shape.
  ConvInputGradient: (graph, { inputs, attributes }, [cotangent]) => {
    const [dy, w] = [inputs[0]!, inputs[1]!];
    const dx = present(cotangent, 'the cotangent of dx');
    return [convolve(graph, dx, w, attributes), convWeightGradient(graph, dx, dy, attributes, shapeOf(w))];
  },
  // inputs x, dy; result of w's shape.
  ConvWeightGradient: (graph, { inputs, attributes }, [cotangent]) => {
    const [x, dy] = [inputs[0]!, inputs[1]!];
    const dw = present(cotangent, 'the cotangent of dw');
    return [convInputGradient(graph, dy, dw, attributes, shapeOf(x)), convolve(graph, x, dw, attributes)];
  },
  // inputs x, dy; result [N, …w's shape]. Sample n meets its own weight dw[n]: a convolution of N·group groups on a batch of one.
  ConvPerSampleWeightGradient: (graph, { inputs, attributes }, [cotangent]) => {
    const [x, dy] = [inputs[0]!, inputs[1]!];
    const batch = shapeOf(x)[0]!;
    const [rows, ...filter] = attributes.weightShape;
    const weights = reshape(graph, present(cotangent, 'the cotangent of dw'), [batch * rows!, ...filter]);
    const geometry = { ...attributes, group: batch * attributes.group };
    const groupedX = batchIntoGroups(graph, x);
    const dx = convInputGradient(graph, batchIntoGroups(graph, dy), weights, geometry, shapeOf(groupedX));
    return [
      reshape(graph, dx, shapeOf(x)),
      reshape(graph, convolve(graph, groupedX, weights, geometry), shapeOf(dy)),
    ];
  },
} satisfies Partial<GradientRules>;
