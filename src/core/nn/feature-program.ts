/** @file Projected per-sample gradients of a frozen classifier as a program: the features that attribution works on. */
import { compile } from '../compiler/compile.ts';
import type { Profile } from '../compiler/lower/lowerings.ts';
import type { Program } from '../execution/executor.ts';
import { Graph } from '../graph/graph.ts';
import { add } from '../ops/build.ts';
import type { Classifier } from './classifier.ts';
import { crossEntropy, margin, residual } from './losses.ts';
import { bakedParameters, imageShape } from './network.ts';
import { squaredNorm, tapGradients } from './per-sample.ts';
import { projectGradients, type Projection } from './projection.ts';

export interface FeatureOptions {
  readonly batchSize: number;
  readonly profile: Profile;
  /** What is differentiated: the cross-entropy, or TRAK's margin. */
  readonly outputFunction: 'loss' | 'margin';
  readonly projection: Projection;
}

/**
 * Feeds: `images` [B,C,H,W], `targets` one-hot [B,K]. Fetches: `features` [B,k] (k: read it off the program's outputs), `residuals` [B]
 * = 1 − p_y, `losses` [B], and, where the projection forms full gradients ('fold', 'none'), `squaredNorms` [B] of these.
 * Rows do not depend on each other: padding a last batch changes nothing.
 */
export function featureProgram(
  classifier: Classifier,
  parameters: Float32Array,
  options: FeatureOptions,
): Program {
  const graph = new Graph();
  const { batchSize, profile, outputFunction, projection } = options;
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(classifier, batchSize) });
  const targets = graph.input('targets', {
    dtype: 'float32',
    shape: [batchSize, classifier.outputCount],
  });
  const byName = bakedParameters(graph, classifier, parameters);
  const { logits, taps } = classifier.forward(graph, images, byName);
  const losses = crossEntropy(graph, logits, targets);
  const outputValues = outputFunction === 'loss' ? losses : margin(graph, logits, targets);
  const tapped = tapGradients(graph, outputValues, taps);
  const features = projectGradients(graph, tapped, projection);
  const residuals = residual(graph, logits, targets);
  if (projection.kind === 'factorised') {
    return compile(graph, { features, residuals, losses }, { profile });
  }
  const squaredNorms = tapped
    .map((part) => squaredNorm(graph, part))
    .reduce((total, part) => add(graph, total, part));
  return compile(graph, { features, residuals, losses, squaredNorms }, { profile });
}
