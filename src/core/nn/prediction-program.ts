/** @file A frozen classifier's predictions as a program. */
import { compile } from '../compiler/compile.ts';
import type { Program } from '../execution/executor.ts';
import { Graph } from '../graph/graph.ts';
import { softmax } from '../ops/build.ts';
import type { Classifier } from './classifier.ts';
import { bakedParameters, forward } from './forward.ts';
import { imageShape } from './training-program.ts';

/** Feeds: `images` [B,C,S,S]. Fetches: `logits` [B,K], `probabilities` [B,K], `embedding` [B,E]. The parameters are part of the program. */
export function predictionProgram(
  classifier: Classifier,
  parameters: Float32Array,
  { batchSize }: { readonly batchSize: number },
): Program {
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(classifier, batchSize) });
  const { logits, embedding } = forward(
    graph,
    classifier,
    images,
    bakedParameters(graph, classifier, parameters),
  );
  return compile(graph, { logits, probabilities: softmax(graph, logits), embedding }, { profile: 'cpu' });
}
