/** @file Derivatives of the element-wise operators. dy: the cotangent of the output y. */
import { present } from '../../base/assert.ts';
import { shapeOf, type Graph, type GraphNode, type Value } from '../../graph/graph.ts';
import type { OpAttributes } from '../../graph/op-attributes.ts';
import { isFloat } from '../../tensor/tensor.ts';
import {
  add,
  cast,
  constantNumber,
  cos,
  div,
  equal,
  exp,
  greater,
  less,
  log,
  mul,
  neg,
  pow,
  reluMask,
  sign,
  sin,
  sub,
  sumToShape,
  where,
} from '../build.ts';
import type { GradientRules } from '../rule.ts';
import { noGradient } from './no-gradient.ts';

type Unary = (graph: Graph, dy: Value, x: Value, y: Value) => Value;
type Binary = (graph: Graph, dy: Value, a: Value, b: Value, y: Value) => readonly [Value, Value];

/** A rule of one input: dx from dy, x and y. */
const unary =
  (rule: Unary) =>
  (graph: Graph, node: GraphNode, [dy]: readonly (Value | null)[]): readonly Value[] => [
    rule(graph, present(dy, 'the cotangent'), node.inputs[0]!, node.outputs[0]!),
  ];

/** A rule of two inputs: da and db as if nothing were broadcast; what was broadcast is summed here. */
const binary =
  (rule: Binary) =>
  (graph: Graph, node: GraphNode, [dy]: readonly (Value | null)[]): readonly Value[] => {
    const [a, b] = [node.inputs[0]!, node.inputs[1]!];
    const [da, db] = rule(graph, present(dy, 'the cotangent'), a, b, node.outputs[0]!);
    return [sumToShape(graph, da, shapeOf(a)), sumToShape(graph, db, shapeOf(b))];
  };

/** a and b where one of them is taken: a tie gives half to each, the mean of the two one-sided derivatives. */
const taken = (isTaken: (graph: Graph, a: Value, b: Value) => Value): Binary => {
  const share = (graph: Graph, dy: Value, a: Value, b: Value): Value => {
    const whole = cast(graph, isTaken(graph, a, b), dy.type.dtype);
    const half = mul(graph, cast(graph, equal(graph, a, b), dy.type.dtype), 0.5);
    return mul(graph, dy, add(graph, whole, half));
  };
  return (graph, dy, a, b) => [share(graph, dy, a, b), share(graph, dy, b, a)];
};

/** d a^b / da = b·a^(b−1). */
function powerBaseGradient(graph: Graph, dy: Value, a: Value, b: Value): Value {
  const exponent = constantNumber(b);
  const lower = exponent === null ? pow(graph, a, sub(graph, b, 1)) : pow(graph, a, exponent - 1);
  return mul(graph, dy, mul(graph, b, lower));
}

/** d a^b / db = a^b·ln a; zero where a ≤ 0, where the logarithm has no value. */
function powerExponentGradient(graph: Graph, dy: Value, a: Value, y: Value): Value {
  const isPositive = greater(graph, a, 0);
  const logarithm = log(graph, where(graph, isPositive, a, 1));
  return mul(graph, dy, mul(graph, y, logarithm));
}

/** 1 where a clipped `y` lies between the bounds, 0 on them. The product of the distances is positive inside only: one mask is enough. */
function insideMask(graph: Graph, y: Value, { low, high }: OpAttributes['Clip']): Value {
  const distances: Value[] = [];
  if (low !== -Infinity) distances.push(sub(graph, y, low));
  if (high !== Infinity) distances.push(sub(graph, high, y));
  return reluMask(
    graph,
    distances.reduce((product, distance) => mul(graph, product, distance)),
  );
}

export const elementwiseGradients = {
  Add: binary((_, dy) => [dy, dy]),
  Sub: binary((graph, dy) => [dy, neg(graph, dy)]),
  Mul: binary((graph, dy, a, b) => [mul(graph, dy, b), mul(graph, dy, a)]),
  // y = a/b: dy/db = −a/b² = −y/b.
  Div: binary((graph, dy, _, b, y) => {
    const da = div(graph, dy, b);
    return [da, neg(graph, mul(graph, da, y))];
  }),
  Pow: binary((graph, dy, a, b, y) => [
    powerBaseGradient(graph, dy, a, b),
    powerExponentGradient(graph, dy, a, y),
  ]),
  Max: binary(taken(greater)),
  Min: binary(taken(less)),
  Neg: unary((graph, dy) => neg(graph, dy)),
  Abs: unary((graph, dy, x) => mul(graph, dy, sign(graph, x))),
  Sign: noGradient,
  Exp: unary((graph, dy, _, y) => mul(graph, dy, y)),
  Log: unary((graph, dy, x) => div(graph, dy, x)),
  // y² = x: 2y·dy/dx = 1.
  Sqrt: unary((graph, dy, _, y) => div(graph, mul(graph, dy, 0.5), y)),
  Reciprocal: unary((graph, dy, _, y) => neg(graph, mul(graph, dy, mul(graph, y, y)))),
  Sigmoid: unary((graph, dy, _, y) => mul(graph, dy, mul(graph, y, sub(graph, 1, y)))),
  Tanh: unary((graph, dy, _, y) => mul(graph, dy, sub(graph, 1, mul(graph, y, y)))),
  // erf′(x) = 2/√π·exp(−x²).
  Erf: unary((graph, dy, x) => {
    const bell = exp(graph, neg(graph, mul(graph, x, x)));
    return mul(graph, dy, mul(graph, bell, 2 / Math.sqrt(Math.PI)));
  }),
  Floor: noGradient,
  Sin: unary((graph, dy, x) => mul(graph, dy, cos(graph, x))),
  Cos: unary((graph, dy, x) => neg(graph, mul(graph, dy, sin(graph, x)))),
  // The mask of the output is the mask of the input, and lets the input be freed.
  Relu: unary((graph, dy, _, y) => mul(graph, dy, reluMask(graph, y))),
  Clip: (graph, { outputs, attributes }, [dy]) => [
    mul(graph, present(dy, 'dy'), insideMask(graph, outputs[0]!, attributes)),
  ],
  ReluMask: noGradient,
  StopGradient: noGradient,
  Cast: (graph, node, [dy]) => {
    const { dtype } = node.inputs[0]!.type;
    return [isFloat(dtype) && isFloat(node.attributes.to) ? cast(graph, present(dy, 'dy'), dtype) : null];
  },
  Equal: noGradient,
  Greater: noGradient,
  GreaterOrEqual: noGradient,
  Less: noGradient,
  LessOrEqual: noGradient,
  And: noGradient,
  Or: noGradient,
  Not: noGradient,
  Where: (graph, { inputs }, [cotangent]) => {
    const [condition, a, b] = [inputs[0]!, inputs[1]!, inputs[2]!];
    const dy = present(cotangent, 'the cotangent');
    return [
      null,
      sumToShape(graph, where(graph, condition, dy, 0), shapeOf(a)),
      sumToShape(graph, where(graph, condition, 0, dy), shapeOf(b)),
    ];
  },
} satisfies Partial<GradientRules>;
