/**
 * @file P·G·Qᵀ of every weight's gradient G. Where G is a sum of outer products Σ r·cᵀ it is never formed: P·G·Qᵀ = Σ (P·r)(Q·c)ᵀ (LoGra, Choe
 * et al. 2024). Vectors are folded together.
 */
import type { SiteGradient } from '../../compiler/site-gradients.ts';
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import { addAll, concat, constant, conv, flatten, matMul, mul, reshape, sum } from '../../ops/build.ts';
import { partsOf, wholeGradientOf, type ParameterGradient } from '../parameter-gradients.ts';
import type { Projection } from '../projection.ts';
import { identityMatrix, planFactors, type FactorPlan } from './factor-plan.ts';
import { fold, type FoldPlan } from './fold.ts';
import { sketch } from './sketch.ts';

export function factorisedFeatures(
  graph: Graph,
  gradients: readonly ParameterGradient[],
  projection: Projection,
): Value {
  const { matrices, vectors } = planFactors(gradients, projection);
  const parts = gradients.flatMap((gradient) => {
    const plan = matrices.get(gradient.name);
    return plan === undefined ? [] : [matrixFeatures(graph, gradient, plan)];
  });
  if (vectors === null) return concat(graph, parts, 1);
  const rest = gradients.filter(({ name }) => !matrices.has(name));
  return concat(graph, [...parts, vectorFeatures(graph, rest, vectors)], 1);
}

/** What is no matrix, folded together: [N, features]. */
export function vectorFeatures(graph: Graph, gradients: readonly ParameterGradient[], plan: FoldPlan): Value {
  const entries = gradients.map((gradient) => wholeGradientOf(graph, gradient));
  return fold(graph, concat(graph, entries, 1), plan);
}

/** P·G·Qᵀ and its sketch, if there is one: [N, features]. */
export function matrixFeatures(graph: Graph, gradient: ParameterGradient, plan: FactorPlan): Value {
  const factors = projectedFactors(graph, gradient, plan);
  const projected =
    factors === null
      ? projectedWhole(graph, gradient, plan)
      : addAll(
          graph,
          factors.map((each) => productOf(graph, each)),
        );
  const features = flatten(graph, projected);
  return plan.sketch === null ? features : sketch(graph, features, plan.sketch);
}

/** The sides of Σ (P·r)(Q·c)ᵀ over the places where a weight meets the batch. */
export interface ProjectedFactors {
  /** [M·N, places, projectedRows]; [M·N, projectedRows, places] where `placesLast`. */
  readonly left: Value;
  /** The same with projectedColumns. */
  readonly right: Value;
  readonly placesLast: boolean;
  /** M: images that each sample has, one after another. */
  readonly images: number;
}

/** One for each part of the gradient; null where it does not come as factors of this shape. */
export function projectedFactors(
  graph: Graph,
  gradient: ParameterGradient,
  plan: FactorPlan,
): readonly ProjectedFactors[] | null {
  const parts = partsOf(graph, gradient);
  const fits = parts.length > 0 && parts.every((part) => isFactored(part, plan));
  return fits ? parts.map((part) => projectedPart(graph, part, plan)) : null;
}

function isFactored(found: SiteGradient, { rows, columns }: FactorPlan): boolean {
  switch (found.kind) {
    case 'product':
      return shapeOf(found.rows)[2] === rows && shapeOf(found.columns)[2] === columns;
    case 'conv':
      return found.geometry.group === 1 && found.weightShape[0] === rows;
    case 'whole':
      return false;
  }
}

function projectedPart(graph: Graph, found: SiteGradient, plan: FactorPlan): ProjectedFactors {
  if (found.kind === 'conv') return projectedConv(graph, found, plan);
  const { rows, columns } = found as Extract<SiteGradient, { kind: 'product' }>;
  const project = (value: Value, matrix: Value | null): Value =>
    matrix === null ? value : matMul(graph, value, matrix, { transposeB: true });
  return {
    left: project(rows, leftOf(graph, plan)),
    right: project(columns, rightOf(graph, plan)),
    placesLast: false,
    images: 1,
  };
}

/** The projection of all patches at once is itself a convolution: no patch is ever copied out. */
function projectedConv(
  graph: Graph,
  { x, delta, geometry, weightShape, images }: Extract<SiteGradient, { kind: 'conv' }>,
  plan: FactorPlan,
): ProjectedFactors {
  const { strides: stride, dilations: dilation, pads } = geometry;
  const rows = plan.right ?? identityMatrix(plan.columns);
  const kernel = constant(graph, [plan.projectedColumns, ...weightShape.slice(1)], rows);
  const seen = conv(graph, x, kernel, { stride, dilation, pads });
  const [count, channels] = shapeOf(delta) as [number, number];
  const planes = reshape(graph, delta, [count, channels, -1]);
  const left = leftOf(graph, plan);
  return {
    left: left === null ? planes : matMul(graph, left, planes),
    right: reshape(graph, seen, [count, plan.projectedColumns, -1]),
    placesLast: true,
    images,
  };
}

/** [N, projectedRows, projectedColumns] */
function productOf(graph: Graph, { left, right, placesLast, images }: ProjectedFactors): Value {
  const [count, places, height] = shapeOf(left) as [number, number, number];
  if (!placesLast && places === 1) return mul(graph, reshape(graph, left, [count, height, 1]), right);
  const each = matMul(graph, left, right, placesLast ? { transposeB: true } : { transposeA: true });
  if (images === 1) return each;
  return sum(graph, reshape(graph, each, [count / images, images, ...shapeOf(each).slice(1)]), { axes: [1] });
}

function projectedWhole(graph: Graph, gradient: ParameterGradient, plan: FactorPlan): Value {
  const { rows, columns } = plan;
  const whole = reshape(graph, wholeGradientOf(graph, gradient), [gradient.batchSize, rows, columns]);
  const [left, right] = [leftOf(graph, plan), rightOf(graph, plan)];
  const tall = right === null ? whole : matMul(graph, whole, right, { transposeB: true });
  return left === null ? tall : matMul(graph, left, tall);
}

function leftOf(graph: Graph, { projectedRows, rows, left }: FactorPlan): Value | null {
  return left === null ? null : constant(graph, [projectedRows, rows], left);
}

function rightOf(graph: Graph, { projectedColumns, columns, right }: FactorPlan): Value | null {
  return right === null ? null : constant(graph, [projectedColumns, columns], right);
}
