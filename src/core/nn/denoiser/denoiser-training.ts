/** @file One optimiser step of a denoiser as a program: of training it, of unlearning a group, of anything that wants other predictions of noisy images. */
import { compile } from '../../compiler/compile.ts';
import type { Profile } from '../../compiler/lower/lowerings.ts';
import type { Program } from '../../execution/executor.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { add, div, maximum, mean, minimum, mul, sqrt, sub, sum } from '../../ops/build.ts';
import { maskInputs } from '../dropout.ts';
import { imageShape, sideInputs, slicedParameters, type Network } from '../network.ts';
import { optimizerStep } from '../optimizers.ts';
import { flatGradient, type ProgramGraph } from '../training-program.ts';

export interface DenoiserTrainingOptions {
  readonly batchSize: number;
  readonly profile: Profile;
  readonly weightDecay: number;
  /** The gradient's length is cut to this; 0: it is not. */
  readonly longestGradient: number;
}

/**
 * Feeds: `images` noisy [B,C,H,W], `targets` [B,C,H,W], the side inputs, `sampleWeights` [B], `parameters` [p], `average` [p], `optimizerState` [2p],
 * `learningRate` [1], `step` [1] from 1, `averageShare` [1] (how much of the average the new parameters take), one mask per entry of `network.dropouts`.
 * Fetches: `parameters`, `average`, `optimizerState`, `losses` [B], the mean squared errors before the step. The objective is Σ wᵢ·lossᵢ: negative
 * weights climb.
 */
export function denoiserTrainingProgram(network: Network, options: DenoiserTrainingOptions): Program {
  const { graph, outputs } = denoiserTrainingGraph(network, options);
  return compile(graph, outputs, { profile: options.profile });
}

/** The same before compilation. */
export function denoiserTrainingGraph(
  network: Network,
  options: Omit<DenoiserTrainingOptions, 'profile'>,
): ProgramGraph {
  const graph = new Graph();
  const { batchSize, weightDecay, longestGradient } = options;
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(network, batchSize));
  const targets = input('targets', imageShape(network, batchSize));
  const sampleWeights = input('sampleWeights', [batchSize]);
  const parameters = input('parameters', [network.parameterCount]);
  const average = input('average', [network.parameterCount]);
  const state = input('optimizerState', [2 * network.parameterCount]);
  const learningRate = input('learningRate', [1]);
  const step = input('step', [1]);
  const averageShare = input('averageShare', [1]);
  const byName = slicedParameters(graph, network, parameters);
  const { output } = network.forward(graph, images, byName, {
    side: sideInputs(graph, network, batchSize),
    masks: maskInputs(graph, network, batchSize),
  });
  const losses = meanSquaredErrors(graph, output, targets);
  const objective = sum(graph, mul(graph, losses, sampleWeights));
  const gradient = shortened(graph, flatGradient(graph, network, objective, byName), longestGradient);
  const inputs = { parameters, gradient, state, learningRate, step };
  const next = optimizerStep(graph, inputs, { optimizer: 'adamw', momentum: 0, weightDecay });
  const change = mul(graph, sub(graph, next.parameters, average), averageShare);
  return {
    graph,
    outputs: {
      parameters: next.parameters,
      average: add(graph, average, change),
      optimizerState: next.state,
      losses,
    },
  };
}

/** [N, …] twice → [N]. */
export function meanSquaredErrors(graph: Graph, output: Value, targets: Value): Value {
  const error = sub(graph, output, targets);
  return mean(graph, mul(graph, error, error), { axes: [1, 2, 3] });
}

function shortened(graph: Graph, gradient: Value, longest: number): Value {
  if (longest === 0) return gradient;
  const length = sqrt(graph, sum(graph, mul(graph, gradient, gradient), { keepDims: true }));
  const factor = minimum(graph, div(graph, longest, maximum(graph, length, 1e-12)), 1);
  return mul(graph, gradient, factor);
}
