/** @file Reference semantics of the element-wise operators. */
import { broadcastShapes } from '../../tensor/shape.ts';
import { isFloat, numbersOf, tensorOf } from '../../tensor/tensor.ts';
import { broadcastAt, fill, type EvaluationRules, type NumberArray } from './number-array.ts';

const binary =
  (compute: (a: number, b: number) => number) =>
  ([a, b]: readonly NumberArray[]): NumberArray[] => [
    fill(broadcastShapes(a!.shape, b!.shape), (index) =>
      compute(broadcastAt(a!, index), broadcastAt(b!, index)),
    ),
  ];

const predicate = (holds: (a: number, b: number) => boolean) => binary((a, b) => (holds(a, b) ? 1 : 0));

const unary =
  (compute: (x: number) => number) =>
  ([x]: readonly NumberArray[]): NumberArray[] => [{ shape: x!.shape, data: x!.data.map(compute) }];

/** Kummer's series erf(x) = 2/√π·exp(−x²)·Σ 2ⁿx^(2n+1)/(2n+1)!!, whose terms all have one sign, so nothing cancels. */
function errorFunction(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let total = 0;
  for (let n = 1; total + term !== total; n++) {
    total += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

export const elementwiseEvaluation = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => a / b),
  Pow: binary((a, b) => a ** b),
  Max: binary(Math.max),
  Min: binary(Math.min),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sign: unary(Math.sign),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  Tanh: unary(Math.tanh),
  Erf: unary(errorFunction),
  Floor: unary(Math.floor),
  Sin: unary(Math.sin),
  Cos: unary(Math.cos),
  Clip: ([x], { low, high }) => unary((element) => Math.min(Math.max(element, low), high))([x!]),
  Relu: unary((x) => Math.max(x, 0)),
  ReluMask: unary((x) => (x > 0 ? 1 : 0)),
  StopGradient: unary((x) => x),
  Cast: ([x], { to }) => {
    if (isFloat(to)) return [x!];
    if (to === 'bool') return unary((number) => (number === 0 ? 0 : 1))([x!]);
    return [{ shape: x!.shape, data: numbersOf(tensorOf(to, x!.shape, x!.data.map(Math.trunc))) }];
  },
  Equal: predicate((a, b) => a === b),
  Greater: predicate((a, b) => a > b),
  GreaterOrEqual: predicate((a, b) => a >= b),
  Less: predicate((a, b) => a < b),
  LessOrEqual: predicate((a, b) => a <= b),
  And: predicate((a, b) => a !== 0 && b !== 0),
  Or: predicate((a, b) => a !== 0 || b !== 0),
  Not: unary((x) => 1 - x),
  Where: ([condition, a, b]) => [
    fill(broadcastShapes(condition!.shape, a!.shape, b!.shape), (index) =>
      broadcastAt(broadcastAt(condition!, index) === 0 ? b! : a!, index),
    ),
  ],
} satisfies Partial<EvaluationRules>;
