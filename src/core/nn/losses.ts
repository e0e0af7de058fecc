/** @file Losses and output functions per sample, from logits [N, K] and one-hot targets [N, K]. */
import type { Graph, Value } from '../graph/graph.ts';
import {
  add,
  exp,
  greater,
  log,
  logSoftmax,
  max,
  mul,
  neg,
  softmax,
  stopGradient,
  sub,
  sum,
  where,
} from '../ops/build.ts';

/** −log p_y, [N]. */
export function crossEntropy(graph: Graph, logits: Value, targets: Value): Value {
  return neg(graph, sum(graph, mul(graph, targets, logSoftmax(graph, logits)), { axes: [1] }));
}

/** Stands for −∞ among logits: its exponential is 0, its products stay finite. */
const EXCLUDED = -1e30;

/**
 * f = z_y − log Σ_{c≠y} exp z_c, [N]: the log-odds log p_y/(1 − p_y) of TRAK (Park et al. 2023, §3.2), formed without 1 − p so
 * that it stays finite and exact where p_y rounds to one.
 */
export function margin(graph: Graph, logits: Value, targets: Value): Value {
  const own = sum(graph, mul(graph, logits, targets), { axes: [1], keepDims: true });
  const others = where(graph, greater(graph, targets, 0.5), EXCLUDED, logits);
  // Shifting by the maximum changes nothing but rounding, so no gradient has to pass it.
  const shift = stopGradient(graph, max(graph, others, { axes: [1], keepDims: true }));
  const total = sum(graph, exp(graph, sub(graph, others, shift)), { axes: [1], keepDims: true });
  return sum(graph, sub(graph, own, add(graph, log(graph, total), shift)), { axes: [1] });
}

/** 1 − p_y as the sum of the other classes' probabilities, [N]: exact where p_y rounds to one. TRAK's Q. */
export function residual(graph: Graph, logits: Value, targets: Value): Value {
  const probabilities = softmax(graph, logits);
  return sum(graph, where(graph, greater(graph, targets, 0.5), 0, probabilities), { axes: [1] });
}
