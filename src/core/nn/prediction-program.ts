/** @file A frozen network's predictions as a program. */
import { compile } from '../compiler/compile.ts';
import type { Profile } from '../compiler/lower/lowerings.ts';
import type { Program } from '../execution/executor.ts';
import { Graph } from '../graph/graph.ts';
import { softmax } from '../ops/build.ts';
import { bakedParameters, imageShape, type Network } from './network.ts';

export interface PredictionOptions {
  readonly batchSize: number;
  readonly profile: Profile;
}

/** Feeds: `images` [B,C,H,W]. Fetches: `logits` [B,K], `probabilities` [B,K], `embedding` [B,E]. The parameters are part of the program. */
export function predictionProgram(
  network: Network,
  parameters: Float32Array,
  { batchSize, profile }: PredictionOptions,
): Program {
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(network, batchSize) });
  const baked = bakedParameters(graph, network, parameters);
  const { output: logits, embedding } = network.forward(graph, images, baked);
  return compile(graph, { logits, probabilities: softmax(graph, logits), embedding }, { profile });
}
