import { describe, expect, it } from 'vitest';
import { drawTensor, opCases, type OpCase } from '../../../testing/op-cases.ts';
import { Random } from '../base/random.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph, type Value } from '../graph/graph.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import { applyAll } from './apply.ts';
import * as build from './build.ts';

type Binary = (graph: Graph, a: Value, b: Value) => Value;
type Unary = (graph: Graph, x: Value) => Value;
type Builder<Op extends OpName> = (
  graph: Graph,
  inputs: readonly [Value, Value, Value],
  attributes: OpAttributes[Op],
) => Value;

const binary =
  (builder: Binary): Builder<OpName> =>
  (graph, [a, b]) =>
    builder(graph, a, b);
const unary =
  (builder: Unary): Builder<OpName> =>
  (graph, [x]) =>
    builder(graph, x);

/** The window of a convolution or pool, as the builders take it. */
const windowOf = ({ strides, dilations, pads }: OpAttributes['Conv'] | OpAttributes['MaxPool']) => ({
  stride: strides,
  dilation: dilations,
  pads,
});

/** How each operator is asked for: total, so that none can be without a builder. */
const builders: { readonly [Op in OpName]: Builder<Op> } = {
  Add: binary(build.add),
  Sub: binary(build.sub),
  Mul: binary(build.mul),
  Div: binary(build.div),
  Pow: binary(build.pow),
  Max: binary(build.maximum),
  Min: binary(build.minimum),
  Neg: unary(build.neg),
  Abs: unary(build.abs),
  Sign: unary(build.sign),
  Exp: unary(build.exp),
  Log: unary(build.log),
  Sqrt: unary(build.sqrt),
  Reciprocal: unary(build.reciprocal),
  Sigmoid: unary(build.sigmoid),
  Tanh: unary(build.tanh),
  Erf: unary(build.erf),
  Floor: unary(build.floor),
  Sin: unary(build.sin),
  Cos: unary(build.cos),
  Clip: (graph, [x], { low, high }) => build.clip(graph, x, low, high),
  Relu: unary(build.relu),
  ReluMask: unary(build.reluMask),
  StopGradient: unary(build.stopGradient),
  Cast: (graph, [x], { to }) => build.cast(graph, x, to),
  Equal: binary(build.equal),
  Greater: binary(build.greater),
  GreaterOrEqual: binary(build.greaterOrEqual),
  Less: binary(build.less),
  LessOrEqual: binary(build.lessOrEqual),
  And: binary(build.and),
  Or: binary(build.or),
  Not: unary(build.not),
  Where: (graph, [condition, a, b]) => build.where(graph, condition, a, b),
  ArgMax: (graph, [x], { axis, keepDims }) => build.argMax(graph, x, axis, keepDims),
  Reshape: (graph, [x], { shape }) => build.reshape(graph, x, shape),
  Transpose: (graph, [x], { permutation }) => build.transpose(graph, x, permutation),
  Expand: (graph, [x], { shape }) => build.expand(graph, x, shape),
  Slice: (graph, [x], { starts, ends, steps }) =>
    build.slice(
      graph,
      x,
      starts.map((start, axis) => {
        // −1 stands for "past the first" in the attribute, but for the last element in the builder's range.
        const end = ends[axis]! < 0 ? {} : { end: ends[axis]! };
        return { axis, start, ...end, step: steps[axis]! };
      }),
    ),
  Pad: (graph, [x], { before, after, value }) => build.pad(graph, x, before, after, value),
  Concat: (graph, inputs, { axis }) => build.concat(graph, inputs, axis),
  Gather: (graph, [x, indices], { axis }) => build.gather(graph, x, indices, axis),
  ScatterAdd: (graph, [values, indices], { axis, shape }) =>
    build.scatterAdd(graph, values, indices, shape, axis),
  GatherElements: (graph, [x, indices], { axis }) => build.gatherElements(graph, x, indices, axis),
  ScatterElementsAdd: (graph, [values, indices], { axis, shape }) =>
    build.scatterElementsAdd(graph, values, indices, shape, axis),
  TopK: (graph, [x], { count, largest }) => build.topK(graph, x, count, largest),
  ReduceSum: (graph, [x], attributes) => build.sum(graph, x, attributes),
  ReduceMean: (graph, [x], attributes) => build.mean(graph, x, attributes),
  ReduceMax: (graph, [x], attributes) => build.max(graph, x, attributes),
  ReduceMin: (graph, [x], attributes) => build.min(graph, x, attributes),
  MatMul: (graph, [a, b], attributes) => build.matMul(graph, a, b, attributes),
  Conv: (graph, [x, w, bias], geometry) =>
    build.conv(graph, x, w, { ...windowOf(geometry), group: geometry.group, bias }),
  ConvInputGradient: (graph, [dy, w], attributes) =>
    build.convInputGradient(graph, dy, w, attributes, attributes.inputShape),
  ConvWeightGradient: (graph, [x, dy], attributes) =>
    build.convWeightGradient(graph, x, dy, attributes, attributes.weightShape),
  ConvPerSampleWeightGradient: (graph, [x, dy], attributes) =>
    build.convPerSampleWeightGradient(graph, x, dy, attributes, attributes.weightShape),
  MaxPool: (graph, [x], geometry) =>
    build.maxPool(graph, x, geometry.kernel, { ...windowOf(geometry), ceil: geometry.ceil }),
  FlatScatterAdd: (graph, [values, indices], { shape }) =>
    build.flatScatterAdd(graph, values, indices, shape),
  FlatGather: (graph, [x, indices]) => build.flatGather(graph, x, indices),
  AveragePool: (graph, [x], { kernel, ceil, countPadding, ...geometry }) =>
    build.averagePool(graph, x, kernel, { ...windowOf({ kernel, ceil, ...geometry }), ceil, countPadding }),
  AveragePoolInputGradient: (graph, [dy], attributes) =>
    build.averagePoolInputGradient(graph, dy, attributes, attributes.inputShape),
  Standardize: (graph, [x], { epsilon }) => build.standardize(graph, x, epsilon).standardized,
  Softmax: unary(build.softmax),
  LogSoftmax: unary(build.logSoftmax),
  UpsampleNearest: (graph, [x], { scale }) => build.upsampleNearest(graph, x, scale),
  DownsampleSum: (graph, [x], { scale }) => build.downsampleSum(graph, x, scale),
};

describe('builders', () => {
  it.each(Object.keys(opCases) as OpName[])(
    '%s gives what the operator itself gives, in every case',
    (op) => {
      opCases[op].forEach(({ inputs, attributes }: OpCase) => {
        const graph = new Graph();
        const random = new Random(1, op);
        const values = inputs.map((input) => graph.constant(drawTensor(input, random), 'input'));
        const builder = builders[op] as Builder<OpName>;
        const built = builder(graph, values as unknown as [Value, Value, Value], attributes);
        const plain = applyAll<OpName>(graph, op, values, attributes)[0]!;
        expect(built.type).toEqual(plain.type);
        const [found, expected] = interpret(graph, [built, plain], {});
        expect(found).toEqual(expected);
      });
    },
  );
});
