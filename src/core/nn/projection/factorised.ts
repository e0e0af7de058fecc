/**
 * @file P·G·Qᵀ of every weight's gradient G. Where G is a sum of outer products Σ r·cᵀ it is never formed: P·G·Qᵀ = Σ (P·r)(Q·c)ᵀ (LoGra, Choe
 * et al. 2024). Vectors are folded together.
 */
import type { SiteGradient } from '../../compiler/site-gradients.ts';
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import { addAll, concat, constant, conv, flatten, matMul, mul, reshape, sum } from '../../ops/build.ts';
import { partsOf, wholeGradientOf, type ParameterGradient } from '../parameter-gradients.ts';
import type { Projection } from '../projection.ts';
import { planFactors, type FactorPlan } from './factor-plan.ts';
import { fold } from './fold.ts';
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
  const entries = concat(
    graph,
    rest.map((gradient) => wholeGradientOf(graph, gradient)),
    1,
  );
  return concat(graph, [...parts, fold(graph, entries, vectors)], 1);
}

/** [N, features] */
function matrixFeatures(graph: Graph, gradient: ParameterGradient, plan: FactorPlan): Value {
  const parts = partsOf(graph, gradient);
  const fits = parts.length > 0 && parts.every((part) => isFactored(part, plan));
  const projected = fits
    ? addAll(
        graph,
        parts.map((part) => projectedFactors(graph, part, plan)),
      )
    : projectedWhole(graph, gradient, plan);
  const features = flatten(graph, projected);
  return plan.sketch === null ? features : sketch(graph, features, plan.sketch);
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

/** [N, projectedRows, projectedColumns] */
function projectedFactors(graph: Graph, found: SiteGradient, plan: FactorPlan): Value {
  if (found.kind === 'conv') return projectedConv(graph, found, plan);
  const { rows, columns } = found as Extract<SiteGradient, { kind: 'product' }>;
  const left = matMul(graph, rows, leftOf(graph, plan), { transposeB: true });
  const right = matMul(graph, columns, rightOf(graph, plan), { transposeB: true });
  const [batchSize, count, height] = shapeOf(left) as [number, number, number];
  if (count > 1) return matMul(graph, left, right, { transposeA: true });
  return mul(graph, reshape(graph, left, [batchSize, height, 1]), right);
}

/** The projection of all patches at once is itself a convolution: no patch is ever copied out. */
function projectedConv(
  graph: Graph,
  { x, delta, geometry, weightShape, images }: Extract<SiteGradient, { kind: 'conv' }>,
  plan: FactorPlan,
): Value {
  const { strides: stride, dilations: dilation, pads } = geometry;
  const kernel = constant(graph, [plan.projectedColumns, ...weightShape.slice(1)], plan.right);
  const seen = conv(graph, x, kernel, { stride, dilation, pads });
  const [count, channels] = shapeOf(delta) as [number, number];
  const left = matMul(graph, leftOf(graph, plan), reshape(graph, delta, [count, channels, -1]));
  const right = reshape(graph, seen, [count, plan.projectedColumns, -1]);
  const each = matMul(graph, left, right, { transposeB: true });
  if (images === 1) return each;
  const grouped = reshape(graph, each, [count / images, images, plan.projectedRows, plan.projectedColumns]);
  return sum(graph, grouped, { axes: [1] });
}

function projectedWhole(graph: Graph, gradient: ParameterGradient, plan: FactorPlan): Value {
  const { rows, columns } = plan;
  const whole = reshape(graph, wholeGradientOf(graph, gradient), [gradient.batchSize, rows, columns]);
  const right = matMul(graph, whole, rightOf(graph, plan), { transposeB: true });
  return matMul(graph, leftOf(graph, plan), right);
}

function leftOf(graph: Graph, { projectedRows, rows, left }: FactorPlan): Value {
  return constant(graph, [projectedRows, rows], left);
}

function rightOf(graph: Graph, { projectedColumns, columns, right }: FactorPlan): Value {
  return constant(graph, [projectedColumns, columns], right);
}
