/** @file One optimiser step of a network as a program. */
import { compile } from '../compiler/compile.ts';
import { gradients } from '../compiler/differentiate.ts';
import type { Profile } from '../compiler/lower/lowerings.ts';
import type { Program } from '../execution/executor.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { concat, div, maximum, mul, reshape, sum } from '../ops/build.ts';
import { maskInputs } from './dropout.ts';
import { crossEntropy } from './losses.ts';
import { imageShape, partsBehind, slicedParameters, type Network } from './network.ts';
import { optimizerStateVectors, optimizerStep, type OptimizerOptions } from './optimizers.ts';

export interface TrainingOptions extends OptimizerOptions {
  readonly batchSize: number;
  readonly profile: Profile;
}

/** A program's graph and its outputs by name. */
export interface ProgramGraph {
  readonly graph: Graph;
  readonly outputs: Readonly<Record<string, Value>>;
}

/**
 * Feeds: `images` [B,C,H,W], `targets` one-hot [B,K], `sampleWeights` [B] (0 for the padding of a last batch), `parameters` [p],
 * `optimizerState` [s·p], `learningRate` [1], for AdamW `step` [1] counted from 1, and one mask per entry of `network.dropouts`.
 * Fetches: `parameters`, `optimizerState`, `losses` [B] (unweighted) and `logits` [B,K], both from before the step.
 * The objective is Σ wᵢ·lossᵢ / Σ wᵢ.
 */
export function trainingProgram(network: Network, options: TrainingOptions): Program {
  const { graph, outputs } = trainingGraph(network, options);
  return compile(graph, outputs, { profile: options.profile });
}

/** The same before compilation. */
export function trainingGraph(network: Network, options: Omit<TrainingOptions, 'profile'>): ProgramGraph {
  const graph = new Graph();
  const { batchSize, optimizer } = options;
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(network, batchSize));
  const targets = input('targets', [batchSize, network.outputCount]);
  const sampleWeights = input('sampleWeights', [batchSize]);
  const parameters = input('parameters', [network.parameterCount]);
  const state = input('optimizerState', [optimizerStateVectors[optimizer] * network.parameterCount]);
  const learningRate = input('learningRate', [1]);
  const step = input('step', [1]);
  const byName = slicedParameters(graph, network, parameters);
  const { output: logits } = network.forward(graph, images, byName, {
    masks: maskInputs(graph, network, batchSize),
  });
  const losses = crossEntropy(graph, logits, targets);
  const totalWeight = maximum(graph, sum(graph, sampleWeights), 1e-12);
  const objective = div(graph, sum(graph, mul(graph, losses, sampleWeights)), totalWeight);
  const gradient = flatGradient(graph, network, objective, byName);
  const next = optimizerStep(graph, { parameters, gradient, state, learningRate, step }, options);
  return { graph, outputs: { parameters: next.parameters, optimizerState: next.state, losses, logits } };
}

/** The gradients by all parameters, laid out as the parameter vector. */
export function flatGradient(
  graph: Graph,
  network: Network,
  objective: Value,
  byName: ReadonlyMap<string, Value>,
): Value {
  const parts = gradients(graph, objective, partsBehind(network, byName)).map((part) =>
    reshape(graph, part, [-1]),
  );
  return concat(graph, parts, 0);
}
