/**
 * @file Random projections of per-sample gradients, inside the graph. Every random number is fixed by the seed, the parameter's name and the
 * position, so neither the batch nor its size or order changes a sample's features.
 */
import type { Graph, Value } from '../../graph/graph.ts';
import { concat } from '../../ops/build.ts';
import { wholeGradientOf, type ParameterGradient } from '../parameter-gradients.ts';
import type { Projection } from '../projection.ts';
import { denseFeatures } from './dense.ts';
import { factorisedFeatures } from './factorised.ts';
import { foldedFeatures } from './fold.ts';
import { maskedFeatures } from './mask.ts';
import { sketchedFeatures } from './sketch.ts';

/** [N, features] */
export function projectGradients(
  graph: Graph,
  gradients: readonly ParameterGradient[],
  projection: Projection,
): Value {
  switch (projection.kind) {
    case 'none':
      return concat(
        graph,
        gradients.map((gradient) => wholeGradientOf(graph, gradient)),
        1,
      );
    case 'fold':
      return foldedFeatures(graph, gradients, projection);
    case 'factorised':
    case 'factorised-mask-sjlt':
      return factorisedFeatures(graph, gradients, projection);
    case 'sjlt':
      return sketchedFeatures(graph, gradients, projection);
    case 'rademacher':
    case 'gaussian':
      return denseFeatures(graph, gradients, projection, projection.kind);
    case 'mask':
    case 'mask-sjlt':
      return maskedFeatures(graph, gradients, projection);
  }
}
