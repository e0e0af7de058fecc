/** @file What a network says under parameters that are fed: one program for many models of the same network. */
import { compile } from '../../compiler/compile.ts';
import type { Profile } from '../../compiler/lower/lowerings.ts';
import type { Program } from '../../execution/executor.ts';
import { Graph } from '../../graph/graph.ts';
import { imageShape, slicedParameters, type Network } from '../network.ts';

/** Feeds: `images` [B,C,H,W], `parameters` [p]. Fetches: `logits` [B,K]. */
export function outputsProgram(network: Network, batchSize: number, profile: Profile): Program {
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(network, batchSize) });
  const vector = graph.input('parameters', { dtype: 'float32', shape: [network.parameterCount] });
  const { output: logits } = network.forward(graph, images, slicedParameters(graph, network, vector));
  return compile(graph, { logits }, { profile });
}
