/**
 * @file What Kronecker-factored curvature is made of, as programs over batches: sums of δδᵀ and aaᵀ of every weight with the gradient G = Σ δaᵀ
 * (Martens and Grosse 2015), and sums of squared gradients in any basis (George et al. 2018).
 */
import { compile } from '../compiler/compile.ts';
import type { Profile } from '../compiler/lower/lowerings.ts';
import type { Program } from '../execution/executor.ts';
import { Graph, shapeOf, type Value } from '../graph/graph.ts';
import { addAll, expand, matMul, mul, reshape, sum, transpose } from '../ops/build.ts';
import { elementCount } from '../tensor/tensor.ts';
import { crossEntropy } from './losses.ts';
import { bakedParameters, imageShape, type Network } from './network.ts';
import { parameterGradients, wholeGradientOf, type ParameterGradient } from './parameter-gradients.ts';
import type { Projection } from './projection.ts';
import { matrixView, planFactors, wholePlan, type FactorPlan } from './projection/factor-plan.ts';
import {
  matrixFeatures,
  projectedFactors,
  vectorFeatures,
  type ProjectedFactors,
} from './projection/factorised.ts';
import type { FoldPlan } from './projection/fold.ts';
import type { ProgramGraph } from './training-program.ts';

/** Coordinates of a gradient that lie together: those of one weight, or what is no matrix. */
export interface GradientBlock {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Of a weight: how its gradient as a matrix becomes the coordinates; null for others. */
  readonly plan: FactorPlan | null;
  /** Of what is no matrix: how it was folded; null where it was not. */
  readonly fold: FoldPlan | null;
}

/** The blocks of a whole gradient, or of a factorised projection without a sketch, in the order of the coordinates. */
export function gradientBlocks(network: Network, projection: Projection | null): readonly GradientBlock[] {
  if (projection === null)
    return network.parameters.map(({ name, offset, shape }) => {
      const view = matrixView(shape);
      const plan = view === null ? null : wholePlan(name, view);
      return { name, offset, size: elementCount(shape), plan, fold: null };
    });
  const { matrices, vectors } = planFactors(network.parameters, projection);
  const blocks: GradientBlock[] = [];
  let offset = 0;
  for (const [name, plan] of matrices) {
    const size = plan.projectedRows * plan.projectedColumns;
    blocks.push({ name, offset, size, plan, fold: null });
    offset += size;
  }
  if (vectors !== null)
    blocks.push({ name: 'vectors', offset, size: vectors.size, plan: null, fold: vectors });
  return blocks;
}

export interface FactorOptions {
  readonly batchSize: number;
  readonly profile: Profile;
  readonly blocks: readonly GradientBlock[];
}

/** Names of a block's outputs in the two programs. */
export const factorOutputs = {
  left: ({ name }: GradientBlock) => `${name}:left`,
  right: ({ name }: GradientBlock) => `${name}:right`,
  squares: ({ name }: GradientBlock) => `${name}:squares`,
};

/**
 * Feeds: `images` [B,C,H,W], `targets` one-hot [B,K], `sampleWeights` [B], 1 or 0. Fetches, summed over the batch, for each weight whose gradient
 * comes as factors `left` Σδδᵀ over all places and `right` Σaaᵀ, the mean over places; for all other blocks `squares` of the coordinates.
 * δ and a are those of the block's coordinates. Sums of several batches add up.
 */
export function factorStatisticsProgram(
  network: Network,
  parameters: Float32Array,
  options: FactorOptions,
): Program {
  const { graph, outputs } = factorStatisticsGraph(network, parameters, options);
  return compile(graph, outputs, { profile: options.profile });
}

/** The same before compilation. */
export function factorStatisticsGraph(
  network: Network,
  parameters: Float32Array,
  { batchSize, blocks }: Omit<FactorOptions, 'profile'>,
): ProgramGraph {
  const { graph, gradients, sampleWeights } = weightedGradients(network, parameters, batchSize);
  const outputs = blocks.flatMap((block): [string, Value][] => {
    const factors = factorsOf(graph, gradients, block);
    if (factors === null) return [[factorOutputs.squares(block), squaresOf(graph, gradients, block)]];
    const places = factors.reduce((total, each) => total + placesPerSample(each), 0);
    const added = (side: 'left' | 'right'): Value =>
      addAll(
        graph,
        factors.map((each) => outerProducts(graph, sideOf(graph, each, side, sampleWeights), each)),
      );
    return [
      [factorOutputs.left(block), added('left')],
      [factorOutputs.right(block), mul(graph, added('right'), 1 / places)],
    ];
  });
  return { graph, outputs: Object.fromEntries(outputs) };
}

/** Feeds as above. Fetches `squares` of the coordinates of each block, summed over the batch. */
export function squaredGradientsProgram(
  network: Network,
  parameters: Float32Array,
  { batchSize, profile, blocks }: FactorOptions,
): Program {
  const { graph, gradients } = weightedGradients(network, parameters, batchSize);
  const outputs = blocks.map((block) => [factorOutputs.squares(block), squaresOf(graph, gradients, block)]);
  return compile(graph, Object.fromEntries(outputs) as Record<string, Value>, { profile });
}

/** Of the cross-entropy times the sample's weight. */
function weightedGradients(
  network: Network,
  parameters: Float32Array,
  batchSize: number,
): { graph: Graph; gradients: readonly ParameterGradient[]; sampleWeights: Value } {
  const graph = new Graph();
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(network, batchSize));
  const targets = input('targets', [batchSize, network.outputCount]);
  const sampleWeights = input('sampleWeights', [batchSize]);
  const baked = bakedParameters(graph, network, parameters);
  const { output: logits } = network.forward(graph, images, baked);
  const outputs = mul(graph, crossEntropy(graph, logits, targets), sampleWeights);
  const batched = [images, targets, sampleWeights];
  return { graph, gradients: parameterGradients(graph, network, baked, { outputs, batched }), sampleWeights };
}

function factorsOf(
  graph: Graph,
  gradients: readonly ParameterGradient[],
  { name, plan }: GradientBlock,
): readonly ProjectedFactors[] | null {
  if (plan === null) return null;
  return projectedFactors(
    graph,
    gradients.find((gradient) => gradient.name === name)!,
    plan,
  );
}

/** Σ over the batch of each coordinate's square, [size]. */
function squaresOf(graph: Graph, gradients: readonly ParameterGradient[], block: GradientBlock): Value {
  const features = featuresOf(graph, gradients, block);
  return sum(graph, mul(graph, features, features), { axes: [0] });
}

/** [N, size] */
function featuresOf(
  graph: Graph,
  gradients: readonly ParameterGradient[],
  { name, plan, fold }: GradientBlock,
): Value {
  if (fold !== null) {
    const vectors = gradients.filter(({ shape }) => matrixView(shape) === null);
    return vectorFeatures(graph, vectors, fold);
  }
  const gradient = gradients.find((each) => each.name === name)!;
  return plan === null ? wholeGradientOf(graph, gradient) : matrixFeatures(graph, gradient, plan);
}

function placesPerSample({ left, placesLast, images }: ProjectedFactors): number {
  return images * shapeOf(left)[placesLast ? 2 : 1]!;
}

/** Cotangents carry the sample's weight already; what the weight saw does not. */
function sideOf(
  graph: Graph,
  factors: ProjectedFactors,
  side: 'left' | 'right',
  sampleWeights: Value,
): Value {
  const value = factors[side];
  const [count] = shapeOf(value) as [number];
  const samples = count / factors.images;
  const column = reshape(graph, sampleWeights, [samples, 1]);
  const repeated = factors.images === 1 ? column : expand(graph, column, [samples, factors.images]);
  return side === 'left' ? value : mul(graph, value, reshape(graph, repeated, [count, 1, 1]));
}

/** Σ v·vᵀ over the batch and its places, [width, width]. */
function outerProducts(graph: Graph, value: Value, { placesLast }: ProjectedFactors): Value {
  const rows = placesLast ? transpose(graph, value, [0, 2, 1]) : value;
  const flat = reshape(graph, rows, [-1, shapeOf(rows)[2]!]);
  return matMul(graph, flat, flat, { transposeA: true });
}
