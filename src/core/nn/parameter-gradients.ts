/** @file Per-sample gradients by a network's parameters, left as they arise until somebody needs them whole. */
import { present } from '../base/assert.ts';
import { gradientSites, type SampleOutputs, type Site } from '../compiler/gradient-sites.ts';
import { gradientParts, parameterGradient } from '../compiler/per-sample.ts';
import type { SiteGradient } from '../compiler/site-gradients.ts';
import { shapeOf, type Graph, type Value } from '../graph/graph.ts';
import { addAll, flatten, matMul, mul, reshape, transpose } from '../ops/build.ts';
import type { Shape } from '../tensor/tensor.ts';
import type { Network, Parameters } from './network.ts';

export interface ParameterGradient {
  readonly name: string;
  readonly shape: Shape;
  readonly parameter: Value;
  /** Where what is derived from the parameter meets the batch. */
  readonly sites: readonly Site[];
  readonly batchSize: number;
}

/** In the network's order. */
export function parameterGradients(
  graph: Graph,
  network: Network,
  parameters: Parameters,
  outputs: SampleOutputs,
): readonly ParameterGradient[] {
  const values = network.parameters.map(({ name }) => present(parameters.get(name), `parameter ${name}`));
  const sites = gradientSites(graph, outputs, values);
  const batchSize = shapeOf(outputs.outputs)[0]!;
  return network.parameters.map(({ name, shape }, index) => {
    const parameter = values[index]!;
    return { name, shape, parameter, sites: sites.get(parameter)!, batchSize };
  });
}

/** [N, size], in the parameter's own order. */
export function wholeGradientOf(graph: Graph, { parameter, sites, batchSize }: ParameterGradient): Value {
  return parameterGradient(graph, parameter, sites, batchSize);
}

/** The same as parts to be summed, left as factors where they are. */
export function partsOf(graph: Graph, { parameter, sites }: ParameterGradient): readonly SiteGradient[] {
  return sites.flatMap((site) => gradientParts(graph, parameter, site));
}

/**
 * The axes of a parameter in the order in which its gradient comes out of the product: of convolution weights [O, C, kh, kw] channels last, of
 * all others as they are.
 */
export function productOrder(shape: Shape): readonly number[] {
  return shape.length === 4 ? [0, 2, 3, 1] : shape.map((_, axis) => axis);
}

/** [N, size], in `productOrder`: for what does not need the parameter's own order, which costs a pass. */
export function unorderedGradientOf(graph: Graph, gradient: ParameterGradient): Value {
  const { shape, batchSize } = gradient;
  const whole = reshape(graph, wholeGradientOf(graph, gradient), [batchSize, ...shape]);
  return flatten(graph, transpose(graph, whole, [0, ...productOrder(shape).map((axis) => axis + 1)]));
}

/** Squared norm of the whole gradient by one parameter, [N]. */
export function squaredNorm(graph: Graph, gradient: ParameterGradient): Value {
  const [only, ...others] = partsOf(graph, gradient);
  if (only?.kind === 'product' && others.length === 0 && shapeOf(only.rows)[1] === 1) {
    // ‖r ⊗ c‖² = ‖r‖²·‖c‖²: the outer product need not be formed.
    return mul(graph, squaredRows(graph, only.rows), squaredRows(graph, only.columns));
  }
  return squaredRows(graph, unorderedGradientOf(graph, gradient));
}

/** Squared norm of the gradient by all parameters, [N]. */
export function totalSquaredNorm(graph: Graph, gradients: readonly ParameterGradient[]): Value {
  return addAll(
    graph,
    gradients.map((gradient) => squaredNorm(graph, gradient)),
  );
}

/** [N, …size] → [N]. As products of each row with itself: one pass, where squaring and summing would write all squares first. */
function squaredRows(graph: Graph, rows: Value): Value {
  const each = reshape(graph, rows, [shapeOf(rows)[0]!, 1, -1]);
  return reshape(graph, matMul(graph, each, each, { transposeB: true }), [-1]);
}
