/** @file The gradient of every sample by every parameter, in any graph whose samples do not mix. */
import { present } from '../base/assert.ts';
import { Graph, shapeOf, type Value } from '../graph/graph.ts';
import { addAll, expand, flatten, reshape, zerosLike } from '../ops/build.ts';
import { copyInto, nodesBetween } from './copy-graph.ts';
import { gradients } from './differentiate.ts';
import { pullFactors } from './factor-chain.ts';
import { gradientSites, type SampleOutputs, type Site } from './gradient-sites.ts';
import { siteGradient, wholeGradient, type SiteGradient } from './site-gradients.ts';
import { copyPerSample } from './vectorize.ts';

/**
 * For each parameter the gradient of every sample's output, [N, size], in the parameter's own order. `parameters` may be named constants,
 * inputs, or values cut out of one.
 */
export function perSampleGradients(
  graph: Graph,
  outputs: SampleOutputs,
  parameters: readonly Value[],
): readonly Value[] {
  const sites = gradientSites(graph, outputs, parameters);
  const batchSize = shapeOf(outputs.outputs)[0]!;
  return parameters.map((parameter) => {
    const found = present(sites.get(parameter), 'the sites of a parameter');
    return parameterGradient(graph, parameter, found, batchSize);
  });
}

/** [N, size]: what arrives from all `sites` together. */
export function parameterGradient(
  graph: Graph,
  parameter: Value,
  sites: readonly Site[],
  batchSize: number,
): Value {
  const parts = sites.flatMap((site) => gradientParts(graph, parameter, site));
  if (parts.length === 0) {
    return flatten(graph, expand(graph, zerosLike(graph, parameter), [batchSize, ...shapeOf(parameter)]));
  }
  const whole = addAll(
    graph,
    // A kernel may be a parameter that is kept as a matrix.
    parts.map((part) => reshape(graph, wholeGradient(graph, part), [batchSize, ...shapeOf(parameter)])),
  );
  return flatten(graph, whole);
}

/** What reaches `parameter` from one site, to be summed: as factors wherever they survive the way from the site. */
export function gradientParts(graph: Graph, parameter: Value, site: Site): readonly SiteGradient[] {
  const found = siteGradient(graph, site);
  const { operand } = site;
  if (operand === parameter) return [found];
  const factors = found.kind === 'whole' ? null : pullFactors(graph, found, operand, parameter);
  if (factors !== null) return factors;
  const gradient = pullToParameter(graph, operand, wholeGradient(graph, found), parameter);
  return [{ kind: 'whole', gradient }];
}

/**
 * From the operand of a site back to the parameter it was derived from: [N, …operand] → [N, …parameter]. The way back is written down once, in
 * a graph of its own, and then taken for all samples together.
 */
function pullToParameter(graph: Graph, operand: Value, gradient: Value, parameter: Value): Value {
  if (operand === parameter) return gradient;
  const scratch = new Graph();
  const leaves = leavesOf(operand, parameter);
  const stand = new Map(leaves.map((leaf, index) => [leaf, scratch.input(`leaf${index}`, leaf.type)]));
  const [copy] = copyInto(scratch, [operand], stand);
  const seed = scratch.input('seed', operand.type);
  const [cotangent] = gradients(scratch, copy!, [present(stand.get(parameter), 'the parameter')], seed);
  const shared = new Map([...stand].map(([leaf, standIn]) => [standIn, leaf]));
  const found = copyPerSample(graph, cotangent!, new Map([[seed, gradient]]), shared);
  return reshape(graph, found, [shapeOf(gradient)[0]!, ...shapeOf(parameter)]);
}

/** The parameter, and the inputs and named constants beside it; small constants stay what they are, so that they fold. */
function leavesOf(operand: Value, parameter: Value): Value[] {
  const stop = new Set([parameter]);
  const read = nodesBetween([operand], stop).flatMap((node) => node.inputs);
  const isLeaf = ({ source }: Value): boolean =>
    source.kind === 'input' || (source.kind === 'constant' && source.name !== null);
  return [...new Set([parameter, ...read.filter(isLeaf)])];
}
