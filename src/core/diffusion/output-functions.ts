/** @file What is differentiated of a diffusion model to get an image's features (METHODS §3.2): functions of the predicted noise ε̂ [N, C, H, W], one number per sample. */
import type { Graph, Value } from '../graph/graph.ts';
import { abs, max, mean, mul, sqrt, sub, sum } from '../ops/build.ts';

/**
 * loss: mean (ε̂ − ε)², the training loss (TRAK). weighted-loss: the same with the weight that the evidence bound gives its step. square: mean ε̂² (D-TRAK). mean: mean ε̂ (DAS).
 * l1, l2, linf: norms of ε̂.
 */
export const diffusionOutputs = ['loss', 'weighted-loss', 'square', 'mean', 'l1', 'l2', 'linf'] as const;
export type DiffusionOutput = (typeof diffusionOutputs)[number];

type OutputOf = (graph: Graph, predicted: Value, noise: Value) => Value;

const each = { axes: [1, 2, 3] };
const squared = (graph: Graph, x: Value): Value => mul(graph, x, x);
const loss: OutputOf = (graph, predicted, noise) =>
  mean(graph, squared(graph, sub(graph, predicted, noise)), each);

export const outputOf: Readonly<Record<DiffusionOutput, OutputOf>> = {
  loss,
  // The weights come with the samples: they differ from step to step.
  'weighted-loss': loss,
  square: (graph, predicted) => mean(graph, squared(graph, predicted), each),
  mean: (graph, predicted) => mean(graph, predicted, each),
  l1: (graph, predicted) => sum(graph, abs(graph, predicted), each),
  l2: (graph, predicted) => sqrt(graph, sum(graph, squared(graph, predicted), each)),
  linf: (graph, predicted) => max(graph, abs(graph, predicted), each),
};
