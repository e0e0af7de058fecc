/**
 * @file Training of many perturbed models at once: copies of a network that learn the same synthetic images, each under weights of its own
 * (METHODS §4.4). Copies are an axis of every value, so that one graph trains them all.
 */
import { compile } from '../../compiler/compile.ts';
import { gradients } from '../../compiler/differentiate.ts';
import type { Profile } from '../../compiler/lower/lowerings.ts';
import type { Program } from '../../execution/executor.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { add, concat, logSoftmax, mul, neg, reshape, sub, sum } from '../../ops/build.ts';
import { imageShape, type Network } from '../network.ts';
import type { ProgramGraph } from '../training-program.ts';
import { forwardCopies } from './copied-network.ts';

export interface PerturbedTrainingOptions {
  /** B: models that are trained together. */
  readonly copyCount: number;
  /** N: synthetic images, all of them in every step. */
  readonly imageCount: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** squaredError: ½‖output − target‖², for models whose leave-out effects are known exactly. */
  readonly loss?: 'crossEntropy' | 'squaredError';
  readonly profile: Profile;
}

/**
 * Feeds: `images` [N,C,H,W], `targets` [N,K], `imageWeights` [B,N] (what each image counts for in each model), `corrections` [B,p] (added to the
 * gradient), `parameters` [B,p], `velocity` [B,p], `learningRate` [1]. Fetches: `parameters` and `velocity` after one step of SGD on Σᵢ wᵢ·lossᵢ + ⟨correction, θ⟩, as PyTorch does it.
 */
export function perturbedTrainingProgram(network: Network, options: PerturbedTrainingOptions): Program {
  const { graph, outputs } = perturbedTrainingGraph(network, options);
  return compile(graph, outputs, { profile: options.profile });
}

/** The same before compilation. */
export function perturbedTrainingGraph(
  network: Network,
  options: Omit<PerturbedTrainingOptions, 'profile'>,
): ProgramGraph {
  const { copyCount, imageCount, momentum, weightDecay, loss = 'crossEntropy' } = options;
  const graph = new Graph();
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(network, imageCount));
  const targets = input('targets', [imageCount, network.outputCount]);
  const weights = input('imageWeights', [copyCount, imageCount]);
  const corrections = input('corrections', [copyCount, network.parameterCount]);
  const parameters = input('parameters', [copyCount, network.parameterCount]);
  const velocity = input('velocity', [copyCount, network.parameterCount]);
  const learningRate = input('learningRate', [1]);
  const copies = forwardCopies(graph, network, images, parameters);
  // Copies share nothing that is differentiated, so the gradient of the sum holds each one's own.
  const objective = sum(graph, mul(graph, lossesOf(graph, copies.output, targets, loss), weights));
  const parts = gradients(graph, objective, copies.parts).map((part) =>
    reshape(graph, part, [copyCount, -1]),
  );
  const gradient = add(graph, concat(graph, parts, 1), corrections);
  const decayed = weightDecay === 0 ? gradient : add(graph, gradient, mul(graph, parameters, weightDecay));
  const next = add(graph, mul(graph, velocity, momentum), decayed);
  const moved = sub(graph, parameters, mul(graph, next, learningRate));
  return { graph, outputs: { parameters: moved, velocity: next } };
}

/** [B, N] from outputs [B, N, K] and targets [N, K]. */
function lossesOf(
  graph: Graph,
  outputs: Value,
  targets: Value,
  loss: 'crossEntropy' | 'squaredError',
): Value {
  if (loss === 'crossEntropy')
    return neg(graph, sum(graph, mul(graph, targets, logSoftmax(graph, outputs)), { axes: [2] }));
  const miss = sub(graph, outputs, targets);
  return mul(graph, sum(graph, mul(graph, miss, miss), { axes: [2] }), 0.5);
}
