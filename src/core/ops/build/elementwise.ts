/** @file Graph building: element-wise operators, with numpy broadcasting. */
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import type { NoAttributes, OpAttributes, OpName } from '../../graph/op-attributes.ts';
import { broadcastShapes } from '../../tensor/shape.ts';
import { sameShape, type DType } from '../../tensor/tensor.ts';
import { apply } from '../apply.ts';
import { isFilledWith, isNeutral, operands, sourceOf, type Operand } from './constants.ts';
import { expand } from './movement.ts';

const none = {} as const;

type Simplify = (a: Value, b: Value, graph: Graph) => Value | null;
type Binary = (graph: Graph, a: Operand, b: Operand) => Value;
type PlainOp = {
  [Op in OpName]: OpAttributes[Op] extends NoAttributes ? Op : never;
}[OpName];

/** The operator broadcasts by itself: an operand needs no expansion first where the other one has the whole shape. */
function withoutExpansion(a: Value, b: Value): [Value, Value] {
  const [smallA, smallB] = [a, b].map((value) => sourceOf(value, 'Expand')?.inputs[0] ?? value) as [
    Value,
    Value,
  ];
  const whole = broadcastShapes(shapeOf(a), shapeOf(b));
  if (sameShape(broadcastShapes(shapeOf(smallA), shapeOf(b)), whole)) return [smallA, b];
  return sameShape(broadcastShapes(shapeOf(a), shapeOf(smallB)), whole) ? [a, smallB] : [a, b];
}

const binary =
  (op: PlainOp, simplify: Simplify = () => null): Binary =>
  (graph, left, right) => {
    const [a, b] = withoutExpansion(...operands(graph, left, right));
    return simplify(a, b, graph) ?? apply(graph, op, [a, b], none);
  };

const unary =
  (op: PlainOp) =>
  (graph: Graph, x: Value): Value =>
    apply(graph, op, [x], none);

/** Adding zeros only spreads the other operand, such as a class embedding over the batch. */
export const add: Binary = binary('Add', (a, b, graph) => {
  const whole = broadcastShapes(shapeOf(a), shapeOf(b));
  if (isFilledWith(b, 0)) return expand(graph, a, whole);
  return isFilledWith(a, 0) ? expand(graph, b, whole) : null;
});
/** The sum of one value or more. */
export function addAll(graph: Graph, values: readonly Value[]): Value {
  return values.reduce((total, value) => add(graph, total, value));
}

export const sub: Binary = binary('Sub', (a, b) => (isNeutral(b, 0, a) ? a : null));
export const mul: Binary = binary('Mul', (a, b, graph) => {
  if (isNeutral(b, 1, a)) return a;
  if (isNeutral(a, 1, b)) return b;
  if (isNeutral(b, -1, a)) return neg(graph, a);
  return isNeutral(a, -1, b) ? neg(graph, b) : null;
});
export const div: Binary = binary('Div', (a, b) => (isNeutral(b, 1, a) ? a : null));
export const maximum: Binary = binary('Max');
export const minimum: Binary = binary('Min');

/** a to the power b; the exponents 0.5, 1, 2 and −1 become plainer operators. */
export const pow: Binary = binary('Pow', (a, b, graph) => {
  if (isNeutral(b, 1, a)) return a;
  if (isNeutral(b, 2, a)) return mul(graph, a, a);
  if (isNeutral(b, 0.5, a)) return sqrt(graph, a);
  return isNeutral(b, -1, a) ? reciprocal(graph, a) : null;
});

export const equal: Binary = binary('Equal');
export const greater: Binary = binary('Greater');
export const greaterOrEqual: Binary = binary('GreaterOrEqual');
export const less: Binary = binary('Less');
export const lessOrEqual: Binary = binary('LessOrEqual');
export const and: Binary = binary('And');
export const or: Binary = binary('Or');

export const not = unary('Not');
export const abs = unary('Abs');
export const sign = unary('Sign');
export const exp = unary('Exp');
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const reciprocal = unary('Reciprocal');
export const sigmoid = unary('Sigmoid');
export const tanh = unary('Tanh');
export const erf = unary('Erf');
export const floor = unary('Floor');
export const sin = unary('Sin');
export const cos = unary('Cos');
export const relu = unary('Relu');
/** 1 where x > 0, else 0. */
export const reluMask = unary('ReluMask');
/** x itself, through which no gradient flows. */
export const stopGradient = unary('StopGradient');

export function neg(graph: Graph, x: Value): Value {
  return sourceOf(x, 'Neg')?.inputs[0] ?? apply(graph, 'Neg', [x], none);
}

/** Into [low, high]; an infinite bound bounds nothing. */
export function clip(graph: Graph, x: Value, low: number, high: number): Value {
  return low === -Infinity && high === Infinity ? x : apply(graph, 'Clip', [x], { low, high });
}

export function cast(graph: Graph, x: Value, to: DType): Value {
  return x.type.dtype === to ? x : apply(graph, 'Cast', [x], { to });
}

/** `a` where the condition holds, else `b`. */
export function where(graph: Graph, condition: Value, a: Operand, b: Operand): Value {
  return apply(graph, 'Where', [condition, ...operands(graph, a, b)], none);
}
