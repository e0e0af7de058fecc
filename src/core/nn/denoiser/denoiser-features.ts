/** @file Projected per-sample gradients of a frozen denoiser as a program (METHODS §3.2): one noisy image at one step of time per sample. */
import { compile } from '../../compiler/compile.ts';
import type { Profile } from '../../compiler/lower/lowerings.ts';
import type { PredictionKind } from '../../diffusion/noise-schedule.ts';
import { outputOf, type DiffusionOutput } from '../../diffusion/output-functions.ts';
import type { Program } from '../../execution/executor.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { add, mul } from '../../ops/build.ts';
import { maskInputs } from '../dropout.ts';
import { bakedParameters, imageShape, sideInputs, type Network } from '../network.ts';
import { parameterGradients } from '../parameter-gradients.ts';
import type { Projection } from '../projection.ts';
import { projectGradients } from '../projection/project.ts';
import type { ProgramGraph } from '../training-program.ts';
import { meanSquaredErrors } from './denoiser-training.ts';

export interface DenoiserFeatureOptions {
  readonly batchSize: number;
  readonly profile: Profile;
  readonly outputFunction: DiffusionOutput;
  readonly projection: Projection;
  readonly prediction: PredictionKind;
  /** Whether every sample passes the network's dropout layers with a mask of its own; else they do nothing. */
  readonly masked?: boolean;
}

/** Where the noise is not what the network predicts: ε̂ = noisyShare·x_t + predictionShare·prediction, each [B,1,1,1]. */
export const noisyShareInput = 'noisyShare';
export const predictionShareInput = 'predictionShare';

/**
 * Feeds: `images` noisy [B,C,H,W], `noise` [B,C,H,W], the side inputs, `sampleWeights` [B], which multiply the output function, the two shares where the network
 * does not predict the noise, and one mask per entry of `network.dropouts` where `masked`. Fetches: `features` [B,k], `losses` [B] = mean (ε̂ − ε)².
 */
export function denoiserFeatureProgram(
  network: Network,
  parameters: Float32Array,
  options: DenoiserFeatureOptions,
): Program {
  const { graph, outputs } = denoiserFeatureGraph(network, parameters, options);
  return compile(graph, outputs, { profile: options.profile });
}

/** The same before compilation. */
export function denoiserFeatureGraph(
  network: Network,
  parameters: Float32Array,
  options: Omit<DenoiserFeatureOptions, 'profile'>,
): ProgramGraph {
  const graph = new Graph();
  const { batchSize, outputFunction, projection, prediction, masked = false } = options;
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(network, batchSize));
  const noise = input('noise', imageShape(network, batchSize));
  const sampleWeights = input('sampleWeights', [batchSize]);
  const side = sideInputs(graph, network, batchSize);
  const baked = bakedParameters(graph, network, parameters);
  const masks = masked ? maskInputs(graph, network, batchSize) : null;
  const { output } = network.forward(graph, images, baked, { side, ...(masks === null ? {} : { masks }) });
  const shares =
    prediction === 'epsilon'
      ? []
      : [noisyShareInput, predictionShareInput].map((name) => input(name, [batchSize, 1, 1, 1]));
  const [ofNoisy, ofPrediction] = shares;
  const predicted =
    ofNoisy === undefined || ofPrediction === undefined
      ? output
      : add(graph, mul(graph, images, ofNoisy), mul(graph, output, ofPrediction));
  const outputs = mul(graph, outputOf[outputFunction](graph, predicted, noise), sampleWeights);
  const batched = [images, noise, sampleWeights, ...side.values(), ...shares, ...(masks?.values() ?? [])];
  const gradients = parameterGradients(graph, network, baked, { outputs, batched });
  return {
    graph,
    outputs: {
      features: projectGradients(graph, gradients, projection),
      losses: meanSquaredErrors(graph, predicted, noise),
    },
  };
}
