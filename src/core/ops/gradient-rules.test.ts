import { describe, expect, it } from 'vitest';
import { drawLike, expectDifferencesToAgree, innerProduct } from '../../../testing/differences.ts';
import { drawTensor, opCases, type OpCase } from '../../../testing/op-cases.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { gradients } from '../compiler/differentiate.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph, type Value } from '../graph/graph.ts';
import type { OpName } from '../graph/op-attributes.ts';
import { printShape } from '../tensor/shape.ts';
import { isFloat, type Tensor } from '../tensor/tensor.ts';
import { applyAll } from './apply.ts';
import { cast } from './build.ts';
import { verifyGraph } from './verify.ts';

/** ⟨outputs, cotangents⟩ of one operator, as a function of its float inputs and of the cotangents. */
function makeProbe<Op extends OpName>(op: Op, { inputs, attributes }: OpCase<Op>, seed = 1) {
  const graph = new Graph();
  const random = new Random(seed, op);
  const feeds: Record<string, Tensor> = {};
  const feed = (name: string, tensor: Tensor): Value => {
    feeds[name] = tensor;
    return graph.input(name, { dtype: tensor.dtype, shape: tensor.shape });
  };
  const values = inputs.map((input, index) => feed(`x${index}`, drawTensor(input, random)));
  const outputs = applyAll(graph, op, values, attributes).map((output) => cast(graph, output, 'float64'));
  const cotangents = drawLike(outputs, random).map((tensor, index) => feed(`dy${index}`, tensor));
  const variables = values.filter((value) => isFloat(value.type.dtype));
  return { graph, feeds, random, variables, cotangents, loss: innerProduct(graph, outputs, cotangents) };
}

const cases = Object.entries(opCases).flatMap(([op, list]) =>
  list.map((one: OpCase, index) => {
    const shapes = one.inputs.map(({ shape }) => printShape(shape)).join(' ');
    return { op: op as OpName, one, title: `${op} #${index} of ${shapes}` };
  }),
);
// What stops gradients on purpose has a derivative that differences see and the rule denies.
const differentiable = cases.filter(({ op }) => op !== 'StopGradient');

describe('gradient rules', () => {
  it.each(differentiable)('$title agrees with central differences', ({ op, one }) => {
    const { graph, feeds, variables, cotangents, loss } = makeProbe(op, one);
    expectDifferencesToAgree(graph, loss, [...variables, ...cotangents], feeds, {
      tolerance: tolerances.centralDifference,
    });
    expect(verifyGraph(graph)).toEqual([]);
  });

  it.each(differentiable)(
    '$title agrees with central differences when differentiated twice',
    ({ op, one }) => {
      const { graph, feeds, random, variables, cotangents, loss } = makeProbe(op, one);
      const first = gradients(graph, loss, variables);
      if (first.length === 0) return;
      const weights = drawLike(first, random).map((tensor) => graph.constant(tensor, 'weights'));
      const scalar = innerProduct(graph, first, weights);
      expectDifferencesToAgree(graph, scalar, [...variables, ...cotangents], feeds, {
        tolerance: tolerances.centralDifference,
      });
      expect(verifyGraph(graph)).toEqual([]);
    },
  );

  it('lets no gradient through StopGradient', () => {
    const { graph, feeds, variables, loss } = makeProbe('StopGradient', opCases.StopGradient[0]!);
    const [gradient] = interpret(graph, gradients(graph, loss, variables), feeds);
    expect([...gradient!.data].every((element) => Number(element) === 0)).toBe(true);
  });
});
