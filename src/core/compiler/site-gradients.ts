/**
 * @file The gradient of a site's batch-free operand for every sample. Where it is a sum of outer products it is left as its factors: its norm
 * and its projections need no more.
 */
import { AppError } from '../base/app-error.ts';
import { present } from '../base/assert.ts';
import { shapeOf, type Graph, type GraphNode, type Value } from '../graph/graph.ts';
import type { ConvGeometry, OpAttributes, OpName } from '../graph/op-attributes.ts';
import { printNode } from '../graph/print.ts';
import {
  add,
  convPerSampleWeightGradient,
  expand,
  int64Constant,
  matMul,
  mul,
  plainConv,
  reshape,
  scatterAdd,
  slice,
  sum,
  sumToShape,
  transpose,
  transposeLast,
} from '../ops/build.ts';
import { pullBack } from '../ops/gradient-rules.ts';
import type { Shape } from '../tensor/tensor.ts';
import { sampleFirst } from './batch-axis.ts';
import type { Site } from './gradient-sites.ts';

/** The gradient G of one operand for every sample. */
export type SiteGradient =
  /** G = rowsᵀ·columns, [N, a, b], of rows [N, R, a] and columns [N, R, b]. */
  | { readonly kind: 'product'; readonly rows: Value; readonly columns: Value }
  /** The weight of a convolution of x [M·N, C, H, W] whose output has the cotangent delta; samples first, `images` = M of each. */
  | {
      readonly kind: 'conv';
      readonly x: Value;
      readonly delta: Value;
      readonly geometry: ConvGeometry;
      readonly weightShape: Shape;
      readonly images: number;
    }
  /** [N, …shape] */
  | { readonly kind: 'whole'; readonly gradient: Value };

type SiteRule = (graph: Graph, site: Site) => SiteGradient;

export function siteGradient(graph: Graph, site: Site): SiteGradient {
  const rule = siteRules[site.node.op];
  if (rule === undefined) throw unsupported(site.node);
  return rule(graph, site);
}

/** [N, …operand's shape] */
export function wholeGradient(graph: Graph, found: SiteGradient): Value {
  switch (found.kind) {
    case 'whole':
      return found.gradient;
    case 'product':
      return productOf(graph, found.rows, found.columns);
    case 'conv': {
      const { x, delta, geometry, weightShape, images } = found;
      const each = convPerSampleWeightGradient(graph, x, delta, geometry, weightShape);
      if (images === 1) return each;
      const grouped = reshape(graph, each, [shapeOf(x)[0]! / images, images, ...weightShape]);
      return sum(graph, grouped, { axes: [1] });
    }
  }
}

/** [N, R, a] and [N, R, b] → [N, a, b]; of a single row by broadcasting, which is faster than as a product. */
function productOf(graph: Graph, rows: Value, columns: Value): Value {
  const [batchSize, count, height] = shapeOf(rows) as [number, number, number];
  if (count > 1) return matMul(graph, rows, columns, { transposeA: true });
  return mul(graph, reshape(graph, rows, [batchSize, height, 1]), columns);
}

function unsupported(node: GraphNode): AppError {
  return new AppError('model-parameter-unsupported', { op: node.op, node: printNode(node) });
}

function deltaFirst(graph: Graph, { delta, outputAxis, batchSize }: Site): Value {
  return sampleFirst(graph, delta, outputAxis, batchSize);
}

function inputFirst(graph: Graph, { node, inputAxes, batchSize }: Site, index: number): Value {
  return sampleFirst(graph, node.inputs[index]!, present(inputAxes[index], 'a batched input'), batchSize);
}

/** As if the operand had been expanded first: its cotangent then is not summed over the samples yet. */
const broadcast: SiteRule = (graph, site) => {
  const { node, operandIndex, operand, delta } = site;
  const expanded = expand(graph, operand, shapeOf(node.outputs[0]!));
  const inputs = node.inputs.with(operandIndex, expanded);
  const cotangent = pullBack(graph, { ...node, inputs }, [delta])[operandIndex];
  return summedToOperand(graph, site, present(cotangent, 'a cotangent'));
};

/** [N, …operand's shape] from a cotangent shaped like the output. */
function summedToOperand(graph: Graph, site: Site, cotangent: Value): SiteGradient {
  const first = sampleFirst(graph, cotangent, site.outputAxis, site.batchSize);
  const own = shapeOf(site.operand);
  const ones = Array.from({ length: shapeOf(first).length - 1 - own.length }, () => 1);
  const summed = sumToShape(graph, first, [site.batchSize, ...ones, ...own]);
  return { kind: 'whole', gradient: reshape(graph, summed, [site.batchSize, ...own]) };
}

const matrixProduct: SiteRule = (graph, site) => {
  const { node, operandIndex, operand } = site;
  const { transposeA, transposeB } = node.attributes as OpAttributes['MatMul'];
  const isLeft = operandIndex === 0;
  const other = inputFirst(graph, site, 1 - operandIndex);
  const delta = deltaFirst(graph, site);
  // Of the operand stored as [rows, columns], one side goes with δ, the other with the other factor; the rest is summed over.
  const otherRows = (isLeft ? !transposeB : transposeA) ? transposeLast(graph, other) : other;
  const deltaRows = isLeft ? transposeLast(graph, delta) : delta;
  const deltaIsFirst = isLeft !== (isLeft ? transposeA : transposeB);
  const [rows, columns] = deltaIsFirst ? [deltaRows, otherRows] : [otherRows, deltaRows];
  if (shapeOf(operand).length > 2) return stackedProduct(graph, site, rows, columns);
  return { kind: 'product', rows: asRows(graph, rows), columns: asRows(graph, columns) };
};

/** [N, …, R, a] → [N, all R, a]. */
function asRows(graph: Graph, value: Value): Value {
  const shape = shapeOf(value);
  return reshape(graph, value, [shape[0]!, -1, shape.at(-1)!]);
}

/** The operand is a stack of matrices: a product each. */
function stackedProduct(graph: Graph, site: Site, rows: Value, columns: Value): SiteGradient {
  const rank = Math.max(shapeOf(rows).length, shapeOf(columns).length);
  const padded = [rows, columns].map((value) => {
    const [batchSize, ...own] = shapeOf(value) as [number, ...number[]];
    return reshape(graph, value, [
      batchSize,
      ...Array.from({ length: rank - 1 - own.length }, () => 1),
      ...own,
    ]);
  });
  const product = matMul(graph, padded[0]!, padded[1]!, { transposeA: true });
  const own = shapeOf(site.operand);
  const ones = Array.from({ length: shapeOf(product).length - 1 - own.length }, () => 1);
  const summed = sumToShape(graph, product, [site.batchSize, ...ones, ...own]);
  return { kind: 'whole', gradient: reshape(graph, summed, [site.batchSize, ...own]) };
}

const convolution: SiteRule = (graph, site) => {
  if (site.operandIndex === 2) {
    const delta = deltaFirst(graph, site);
    const [batchSize, images, channels] = shapeOf(delta) as [number, number, number];
    const each = sum(graph, reshape(graph, delta, [batchSize, images * channels, -1]), { axes: [2] });
    const own = reshape(graph, each, [batchSize, images, channels]);
    return {
      kind: 'whole',
      gradient: reshape(graph, sumToShape(graph, own, [batchSize, 1, channels]), [batchSize, channels]),
    };
  }
  if (site.operandIndex !== 1) throw unsupported(site.node);
  return convWeight(graph, site, inputFirst(graph, site, 0), deltaFirst(graph, site));
};

/** The gradient to the input is the same trilinear form: dy and the cotangent of dx change places. */
const transposedConvolution: SiteRule = (graph, site) => {
  if (site.operandIndex !== 1) throw unsupported(site.node);
  return convWeight(graph, site, deltaFirst(graph, site), inputFirst(graph, site, 0));
};

/** x, delta: [N, M, channels, H, W]. */
function convWeight(graph: Graph, site: Site, x: Value, delta: Value): SiteGradient {
  const merged = (value: Value): Value => {
    const [batchSize, images, ...plane] = shapeOf(value) as [number, number, ...number[]];
    return reshape(graph, value, [batchSize * images, ...plane]);
  };
  return {
    kind: 'conv',
    x: merged(x),
    delta: merged(delta),
    geometry: plainConv(site.node.attributes as OpAttributes['Conv']),
    weightShape: shapeOf(site.operand),
    images: shapeOf(x)[1]!,
  };
}

/** A table read at each sample's own indices: into a table of its own, all of them laid one after another. */
const gather: SiteRule = (graph, site) => {
  const { operand, batchSize, node } = site;
  const { axis } = node.attributes as OpAttributes['Gather'];
  if (site.operandIndex !== 0) throw unsupported(node);
  const shape = shapeOf(operand);
  const extent = shape[axis]!;
  const indices = reshape(graph, inputFirst(graph, site, 1), [batchSize, -1]);
  const starts = Array.from({ length: batchSize }, (_, sample) => sample * extent);
  const places = add(graph, indices, int64Constant(graph, starts, [batchSize, 1]));
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
  // δ is […before, …indices, …after]; the table's axis goes to the front, beside the samples.
  const first = deltaFirst(graph, site);
  const indexRank = shapeOf(first).length - 1 - before.length - after.length;
  const beforeAxes = before.map((_, index) => 1 + index);
  const indexAxes = Array.from({ length: indexRank }, (_, index) => 1 + before.length + index);
  const afterAxes = after.map((_, index) => 1 + before.length + indexRank + index);
  const moved = transpose(graph, first, [0, ...indexAxes, ...beforeAxes, ...afterAxes]);
  const rows = reshape(graph, moved, [batchSize * shapeOf(indices)[1]!, ...before, ...after]);
  const tables = scatterAdd(graph, rows, reshape(graph, places, [-1]), [
    batchSize * extent,
    ...before,
    ...after,
  ]);
  const own = reshape(graph, tables, [batchSize, extent, ...before, ...after]);
  const back = [0, ...before.map((_, index) => 2 + index), 1];
  const gradient = transpose(graph, own, [...back, ...after.map((_, index) => 2 + before.length + index)]);
  return { kind: 'whole', gradient };
};

/** The operand's own part of what was joined; one that is not repeated for every sample has its extent 1 there (a batch of one). */
const concat: SiteRule = (graph, site) => {
  const { node, operandIndex, delta } = site;
  const { axis } = node.attributes as OpAttributes['Concat'];
  const extents = node.inputs.map((input) => shapeOf(input)[axis]!);
  const start = extents.slice(0, operandIndex).reduce((total, extent) => total + extent, 0);
  const part = slice(graph, delta, [{ axis, start, end: start + extents[operandIndex]! }]);
  return summedToOperand(graph, site, part);
};

const expansion: SiteRule = (graph, site) => summedToOperand(graph, site, site.delta);

const siteRules: { readonly [Op in OpName]?: SiteRule } = {
  Add: broadcast,
  Sub: broadcast,
  Mul: broadcast,
  Div: broadcast,
  Pow: broadcast,
  Max: broadcast,
  Min: broadcast,
  Where: broadcast,
  Expand: expansion,
  Concat: concat,
  MatMul: matrixProduct,
  Conv: convolution,
  ConvInputGradient: transposedConvolution,
  Gather: gather,
};
