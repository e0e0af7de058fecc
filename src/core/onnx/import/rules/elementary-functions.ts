/** @file Functions of one number that are compositions of this program's operators. */
import type { Graph, Value } from '../../../graph/graph.ts';
import {
  abs,
  add,
  and,
  cos,
  div,
  equal,
  exp,
  floor,
  log,
  maximum,
  mul,
  neg,
  not,
  sign,
  sin,
  sqrt,
  sub,
  where,
} from '../../../ops/build.ts';

export function ceil(graph: Graph, x: Value): Value {
  return neg(graph, floor(graph, neg(graph, x)));
}

/** To the nearest whole number, halves to the even one. */
export function roundHalfEven(graph: Graph, x: Value): Value {
  const up = floor(graph, add(graph, x, 0.5));
  const isHalf = equal(graph, sub(graph, up, x), 0.5);
  const isOdd = not(graph, equal(graph, mul(graph, floor(graph, mul(graph, up, 0.5)), 2), up));
  return where(graph, and(graph, isHalf, isOdd), sub(graph, up, 1), up);
}

export function tan(graph: Graph, x: Value): Value {
  return div(graph, sin(graph, x), cos(graph, x));
}

export function sinh(graph: Graph, x: Value): Value {
  return mul(graph, sub(graph, exp(graph, x), exp(graph, neg(graph, x))), 0.5);
}

export function cosh(graph: Graph, x: Value): Value {
  return mul(graph, add(graph, exp(graph, x), exp(graph, neg(graph, x))), 0.5);
}

export const inverseHyperbolic = {
  /** sign(x)·ln(|x| + √(x² + 1)): an odd function, and nothing cancels for negative x. */
  sine: (graph: Graph, x: Value): Value => {
    const size = abs(graph, x);
    const root = sqrt(graph, add(graph, mul(graph, x, x), 1));
    return mul(graph, sign(graph, x), log(graph, add(graph, size, root)));
  },
  cosine: (graph: Graph, x: Value): Value =>
    log(graph, add(graph, x, sqrt(graph, sub(graph, mul(graph, x, x), 1)))),
  tangent: (graph: Graph, x: Value): Value =>
    mul(graph, log(graph, div(graph, add(graph, x, 1), sub(graph, 1, x))), 0.5),
};

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^(−|x|)): the exponential never overflows. At 0 the maximum's two slopes meet in the right ½. */
export function softplus(graph: Graph, x: Value): Value {
  const tail = log(graph, add(graph, exp(graph, neg(graph, abs(graph, x))), 1));
  return add(graph, maximum(graph, x, 0), tail);
}
