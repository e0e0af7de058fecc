/** @file Projected per-sample gradients of a frozen network as a program: the features that attribution works on. */
import { compile } from '../compiler/compile.ts';
import type { Profile } from '../compiler/lower/lowerings.ts';
import type { Program } from '../execution/executor.ts';
import { Graph } from '../graph/graph.ts';
import { flatten } from '../ops/build.ts';
import { maskInputs } from './dropout.ts';
import { crossEntropy, margin, residual } from './losses.ts';
import { bakedParameters, imageShape, type Network } from './network.ts';
import { parameterGradients, totalSquaredNorm } from './parameter-gradients.ts';
import type { Projection } from './projection.ts';
import { projectGradients } from './projection/project.ts';
import type { ProgramGraph } from './training-program.ts';

export interface FeatureOptions {
  readonly batchSize: number;
  readonly profile: Profile;
  /**
   * What is differentiated: the cross-entropy, or TRAK's margin. 'embedding': nothing; the features are what the last layer sees. 'none': nothing,
   * and there are no features: a forward pass alone.
   */
  readonly outputFunction: 'loss' | 'margin' | 'embedding' | 'none';
  /** Of gradients; else not read. */
  readonly projection: Projection;
  /** Whether every sample passes the network's dropout layers with a mask of its own; else they do nothing. */
  readonly masked?: boolean;
}

/**
 * Feeds: `images` [B,C,H,W], `targets` one-hot [B,K], and one mask per entry of `network.dropouts` where `masked`. Fetches: `features` [B,k] (k: read it off the program's outputs), `residuals` [B]
 * = 1 − p_y, `losses` [B], and, where the projection forms whole gradients ('fold', 'none'), `squaredNorms` [B] of these.
 * Rows do not depend on each other: padding a last batch changes nothing.
 */
export function featureProgram(network: Network, parameters: Float32Array, options: FeatureOptions): Program {
  const { graph, outputs } = featureGraph(network, parameters, options);
  return compile(graph, outputs, { profile: options.profile });
}

/** The same before compilation. */
export function featureGraph(
  network: Network,
  parameters: Float32Array,
  options: Omit<FeatureOptions, 'profile'>,
): ProgramGraph {
  const graph = new Graph();
  const { batchSize, outputFunction, projection, masked = false } = options;
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(network, batchSize) });
  const targets = graph.input('targets', { dtype: 'float32', shape: [batchSize, network.outputCount] });
  const baked = bakedParameters(graph, network, parameters);
  const masks = masked ? maskInputs(graph, network, batchSize) : null;
  const { output: logits, embedding } = network.forward(
    graph,
    images,
    baked,
    masks === null ? {} : { masks },
  );
  const losses = crossEntropy(graph, logits, targets);
  const residuals = residual(graph, logits, targets);
  if (outputFunction === 'none') return { graph, outputs: { residuals, losses } };
  if (outputFunction === 'embedding')
    return { graph, outputs: { features: flatten(graph, embedding), residuals, losses } };
  const outputs = outputFunction === 'loss' ? losses : margin(graph, logits, targets);
  const batched = [images, targets, ...(masks?.values() ?? [])];
  const gradients = parameterGradients(graph, network, baked, { outputs, batched });
  const features = projectGradients(graph, gradients, projection);
  const formsWhole = projection.kind === 'fold' || projection.kind === 'none';
  const norms = formsWhole ? { squaredNorms: totalSquaredNorm(graph, gradients) } : {};
  return { graph, outputs: { features, residuals, losses, ...norms } };
}
