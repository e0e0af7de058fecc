/** @file Optimiser steps as graph code on flat vectors: some ten nodes, however many parameters there are. */
import type { Graph, Value } from '../graph/graph.ts';
import { add, concat, div, mul, slice, sqrt, sub, tanh } from '../ops/build.ts';

export type OptimizerName = 'sgd' | 'adamw';

export interface OptimizerOptions {
  readonly optimizer: OptimizerName;
  /** SGD's momentum; AdamW keeps its usual β₁. */
  readonly momentum: number;
  readonly weightDecay: number;
}

/** How many vectors of the parameters' length an optimiser remembers. */
export const optimizerStateVectors = { sgd: 1, adamw: 2 } as const satisfies Record<OptimizerName, number>;

export interface OptimizerStep {
  readonly parameters: Value;
  readonly state: Value;
}

export interface OptimizerInputs {
  /** [p] */
  readonly parameters: Value;
  /** [p] */
  readonly gradient: Value;
  /** [s·p] */
  readonly state: Value;
  /** [1] */
  readonly learningRate: Value;
  /** [1]; 1 in the first step. Read by AdamW. */
  readonly step: Value;
}

export function optimizerStep(
  graph: Graph,
  inputs: OptimizerInputs,
  { optimizer, momentum, weightDecay }: OptimizerOptions,
): OptimizerStep {
  return optimizer === 'sgd'
    ? sgdStep(graph, inputs, momentum, weightDecay)
    : adamWStep(graph, inputs, weightDecay);
}

/** As PyTorch: m ← μ·m + (g + λ·θ), θ ← θ − lr·m. */
function sgdStep(
  graph: Graph,
  inputs: OptimizerInputs,
  momentum: number,
  weightDecay: number,
): OptimizerStep {
  const { parameters, gradient, state, learningRate } = inputs;
  const decayed = weightDecay === 0 ? gradient : add(graph, gradient, mul(graph, parameters, weightDecay));
  const velocity = add(graph, mul(graph, state, momentum), decayed);
  return { parameters: sub(graph, parameters, mul(graph, velocity, learningRate)), state: velocity };
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Loshchilov & Hutter 2019, algorithm 2: decay acts on the parameters, not on the gradient. */
function adamWStep(graph: Graph, inputs: OptimizerInputs, weightDecay: number): OptimizerStep {
  const { parameters, gradient, state, learningRate, step } = inputs;
  const count = gradient.type.shape[0]!;
  const half = (start: number): Value => slice(graph, state, [{ axis: 0, start, end: start + count }]);
  const first = average(graph, half(0), gradient, BETA1);
  const second = average(graph, half(count), mul(graph, gradient, gradient), BETA2);
  const corrected = div(graph, first, oneMinusPower(graph, BETA1, step));
  const deviation = sqrt(graph, div(graph, second, oneMinusPower(graph, BETA2, step)));
  const direction = div(graph, corrected, add(graph, deviation, EPSILON));
  const moved = weightDecay === 0 ? direction : add(graph, direction, mul(graph, parameters, weightDecay));
  return {
    parameters: sub(graph, parameters, mul(graph, moved, learningRate)),
    state: concat(graph, [first, second], 0),
  };
}

function average(graph: Graph, old: Value, fresh: Value, beta: number): Value {
  return add(graph, mul(graph, old, beta), mul(graph, fresh, 1 - beta));
}

/** 1 − βᵗ = 2q/(1 + q) with q = tanh(−t·log β/2): no digits are lost where βᵗ is near one. */
function oneMinusPower(graph: Graph, beta: number, step: Value): Value {
  const q = tanh(graph, mul(graph, step, -Math.log(beta) / 2));
  return div(graph, mul(graph, q, 2), add(graph, q, 1));
}
