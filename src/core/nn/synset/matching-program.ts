/**
 * @file Reverse gradient matching (METHODS §4.3, a reconstruction): synthetic images that have, at the weights a network passed through, the gradients
 * of the clusters they stand for. Gradients of gradients, by the same differentiator run twice.
 */
import { compile } from '../../compiler/compile.ts';
import { gradients } from '../../compiler/differentiate.ts';
import type { Profile } from '../../compiler/lower/lowerings.ts';
import { perSampleGradients } from '../../compiler/per-sample.ts';
import type { Program } from '../../execution/executor.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import {
  add,
  addAll,
  concat,
  div,
  exp,
  log,
  maximum,
  mul,
  reshape,
  slice,
  sqrt,
  sub,
  sum,
} from '../../ops/build.ts';
import { elementCount, type Shape } from '../../tensor/tensor.ts';
import { crossEntropy } from '../losses.ts';
import { imageShape, partsBehind, slicedParameters, type Network } from '../network.ts';
import { optimizerStep } from '../optimizers.ts';
import type { ProgramGraph } from '../training-program.ts';

/**
 * How far two gradients are apart. angles: Σ over output units of 1 − cos, and the squared difference of the logarithms of their lengths. squares:
 * ‖a − b‖²/‖b‖².
 */
export const matchingDistances = ['angles', 'squares'] as const;
export type MatchingDistance = (typeof matchingDistances)[number];

export interface MatchingOptions {
  /** Clusters whose images are learned together. */
  readonly clusterCount: number;
  /** Synthetic images that stand for a cluster together. */
  readonly imagesPerCluster: number;
  readonly distance: MatchingDistance;
  readonly profile: Profile;
}

/** Length l of the vector that is learned: all pixels, then the logarithm of each image's scale. */
export function learnedLength(
  network: Network,
  { clusterCount, imagesPerCluster }: Pick<MatchingOptions, 'clusterCount' | 'imagesPerCluster'>,
): number {
  return clusterCount * imagesPerCluster * (elementCount(network.inputShape) + 1);
}

/**
 * Feeds: `images` [images,C,H,W], `logScales` [images], `targets` one-hot [images,K], `parameters` [p] of a checkpoint, `clusterGradients` [clusters,p] (means over
 * the clusters' images there), `optimizerState` [2l], `learningRate` [1], `step` [1] counted from 1. Fetches: `synset` [l], images
 * and scales in one, and `optimizerState` after one step of Adam, `distances` [clusters] from before it. Clusters do not depend on each other.
 */
export function matchingProgram(network: Network, options: MatchingOptions): Program {
  const { graph, outputs } = matchingGraph(network, options);
  const { synset, optimizerState, distances } = outputs;
  return compile(
    graph,
    { synset: synset!, optimizerState: optimizerState!, distances: distances! },
    { profile: options.profile },
  );
}

/** The same before compilation; `slope` [l] is the gradient of the summed distances by the synset. */
export function matchingGraph(network: Network, options: Omit<MatchingOptions, 'profile'>): ProgramGraph {
  const { clusterCount, distance } = options;
  const graph = new Graph();
  const input = (name: string, shape: Shape): Value => graph.input(name, { dtype: 'float32', shape });
  const imageCount = clusterCount * options.imagesPerCluster;
  const length = learnedLength(network, options);
  // Inputs of their own: of a vector that is cut up, a network's first reshape would go past the cut.
  const images = input('images', imageShape(network, imageCount));
  const logScales = input('logScales', [imageCount]);
  const targets = input('targets', [imageCount, network.outputCount]);
  const vector = input('parameters', [network.parameterCount]);
  const wanted = input('clusterGradients', [clusterCount, network.parameterCount]);
  const state = input('optimizerState', [2 * length]);
  const [learningRate, step] = [input('learningRate', [1]), input('step', [1])];
  const found = clusterGradients(graph, network, { ...options, images, logScales, targets, vector });
  const pairs = network.parameters.map(({ shape, offset }, index): Pair => {
    const size = elementCount(shape);
    const units = shape.length > 1 ? shape[0]! : 1;
    const [a, b] = [found[index]!, slice(graph, wanted, [{ axis: 1, start: offset, end: offset + size }])];
    const inUnits = (value: Value): Value => reshape(graph, value, [clusterCount, units, -1]);
    return productsOf(graph, inUnits(a), inUnits(b));
  });
  const distances = distanceRules[distance](graph, pairs);
  const flat = (values: readonly Value[]): Value =>
    concat(
      graph,
      values.map((value) => reshape(graph, value, [-1])),
      0,
    );
  const slope = flat(gradients(graph, sum(graph, distances), [images, logScales]));
  const inputs = { parameters: flat([images, logScales]), gradient: slope, state, learningRate, step };
  // AdamW without decay is Adam.
  const next = optimizerStep(graph, inputs, { optimizer: 'adamw', momentum: 0, weightDecay: 0 });
  return { graph, outputs: { synset: next.parameters, optimizerState: next.state, distances, slope } };
}

interface SynsetValues extends Pick<MatchingOptions, 'clusterCount' | 'imagesPerCluster'> {
  readonly images: Value;
  readonly logScales: Value;
  readonly targets: Value;
  readonly vector: Value;
}

/** Σ over a cluster's images of scale · ∇loss, [clusters, size] for each parameter. */
function clusterGradients(
  graph: Graph,
  network: Network,
  { clusterCount, imagesPerCluster, images, logScales, targets, vector }: SynsetValues,
): Value[] {
  const imageCount = clusterCount * imagesPerCluster;
  const scales = exp(graph, logScales);
  const parameters = slicedParameters(graph, network, vector);
  const { output } = network.forward(graph, images, parameters);
  const outputs = crossEntropy(graph, output, targets);
  const parts = partsBehind(network, parameters);
  const each = perSampleGradients(graph, { outputs, batched: [images, targets] }, parts);
  return each.map((gradient) => {
    const scaled = mul(graph, gradient, reshape(graph, scales, [imageCount, 1]));
    return sum(graph, reshape(graph, scaled, [clusterCount, imagesPerCluster, -1]), { axes: [1] });
  });
}

/** ⟨a,a⟩, ⟨b,b⟩ and ⟨a,b⟩ of each output unit, [clusters, units]. */
interface Pair {
  readonly aa: Value;
  readonly bb: Value;
  readonly ab: Value;
}

function productsOf(graph: Graph, a: Value, b: Value): Pair {
  const product = (left: Value, right: Value): Value => sum(graph, mul(graph, left, right), { axes: [2] });
  return { aa: product(a, a), bb: product(b, b), ab: product(a, b) };
}

/** Squared lengths below this are taken for it: gradients of units that are dead. */
const LEAST_SQUARE = 1e-24;

type DistanceRule = (graph: Graph, pairs: readonly Pair[]) => Value;

const distanceRules: { readonly [Name in MatchingDistance]: DistanceRule } = {
  angles: (graph, pairs) => {
    const turns = pairs.map(({ aa, bb, ab }) => {
      const length = (square: Value): Value => sqrt(graph, maximum(graph, square, LEAST_SQUARE));
      const cosine = div(graph, ab, mul(graph, length(aa), length(bb)));
      return sum(graph, sub(graph, 1, cosine), { axes: [1] });
    });
    const logs = (of: 'aa' | 'bb'): Value => log(graph, total(graph, pairs, of));
    // ½ log of squared lengths is log of lengths.
    const stretch = mul(graph, sub(graph, logs('aa'), logs('bb')), 0.5);
    return add(graph, addAll(graph, turns), mul(graph, stretch, stretch));
  },
  squares: (graph, pairs) => {
    const [aa, bb, ab] = (['aa', 'bb', 'ab'] as const).map((of) => total(graph, pairs, of));
    const square = add(graph, sub(graph, aa!, mul(graph, ab!, 2)), bb!);
    return div(graph, square, maximum(graph, bb!, LEAST_SQUARE));
  },
};

/** Over all units of all parameters, [clusters]. */
function total(graph: Graph, pairs: readonly Pair[], of: keyof Pair): Value {
  const sums = pairs.map((pair) => sum(graph, pair[of], { axes: [1] }));
  const all = addAll(graph, sums);
  return of === 'ab' ? all : maximum(graph, all, LEAST_SQUARE);
}
