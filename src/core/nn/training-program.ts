/** @file One optimiser step of a classifier as a program. */
import { compile } from '../compiler/compile.ts';
import { gradients } from '../compiler/differentiate.ts';
import type { Program } from '../execution/executor.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { concat, div, maximum, mul, reshape, sum } from '../ops/build.ts';
import { present } from '../base/assert.ts';
import type { Classifier } from './classifier.ts';
import { forward, slicedParameters } from './forward.ts';
import { crossEntropy } from './losses.ts';
import { optimizerStateVectors, optimizerStep, type OptimizerOptions } from './optimizers.ts';

export interface TrainingOptions extends OptimizerOptions {
  readonly batchSize: number;
}

/** A program's graph and its outputs by name. */
export interface ProgramGraph {
  readonly graph: Graph;
  readonly outputs: Readonly<Record<string, Value>>;
}

/**
 * Feeds: `images` [B,C,S,S], `targets` one-hot [B,K], `sampleWeights` [B] (0 for the padding of a last batch), `parameters` [p],
 * `optimizerState` [s·p], `learningRate` [1], for AdamW `step` [1] counted from 1, and one mask per entry of `classifier.dropouts`.
 * Fetches: `parameters`, `optimizerState`, `losses` [B] (unweighted) and `logits` [B,K], both from before the step.
 * The objective is Σ wᵢ·lossᵢ / Σ wᵢ.
 */
export function trainingProgram(classifier: Classifier, options: TrainingOptions): Program {
  const { graph, outputs } = trainingGraph(classifier, options);
  return compile(graph, outputs, { profile: 'cpu' });
}

/** The same before compilation. */
export function trainingGraph(classifier: Classifier, options: TrainingOptions): ProgramGraph {
  const graph = new Graph();
  const { batchSize, optimizer } = options;
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(classifier, batchSize));
  const targets = input('targets', [batchSize, classifier.config.classCount]);
  const sampleWeights = input('sampleWeights', [batchSize]);
  const parameters = input('parameters', [classifier.parameterCount]);
  const state = input('optimizerState', [optimizerStateVectors[optimizer] * classifier.parameterCount]);
  const learningRate = input('learningRate', [1]);
  const step = input('step', [1]);
  const byName = slicedParameters(graph, classifier, parameters);
  const { logits } = forward(graph, classifier, images, byName, { withDropout: true });
  const losses = crossEntropy(graph, logits, targets);
  const totalWeight = maximum(graph, sum(graph, sampleWeights), 1e-12);
  const objective = div(graph, sum(graph, mul(graph, losses, sampleWeights)), totalWeight);
  const gradient = flatGradient(graph, classifier, objective, byName);
  const next = optimizerStep(graph, { parameters, gradient, state, learningRate, step }, options);
  return { graph, outputs: { parameters: next.parameters, optimizerState: next.state, losses, logits } };
}

export function imageShape({ config }: Classifier, batchSize: number): readonly number[] {
  return [batchSize, config.channels, config.imageSize, config.imageSize];
}

/** The gradients by all parameters, laid out as the parameter vector. */
function flatGradient(
  graph: Graph,
  classifier: Classifier,
  objective: Value,
  byName: ReadonlyMap<string, Value>,
): Value {
  const values = classifier.parameters.map(({ name }) => present(byName.get(name), name));
  const parts = gradients(graph, objective, values).map((part) => reshape(graph, part, [-1]));
  return concat(graph, parts, 0);
}
