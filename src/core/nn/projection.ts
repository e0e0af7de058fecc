/**
 * @file Random projections of per-sample gradients, inside the graph. Every random number is fixed by (seed, parameter name,
 * position), so neither the batch nor its size changes a sample's features.
 */
import { Random } from '../base/random.ts';
import { shapeOf, type Graph, type Value } from '../graph/graph.ts';
import { add, concat, conv, constant, flatten, matMul, mul, pad, reshape, slice, sum } from '../ops/build.ts';
import { elementCount } from '../tensor/tensor.ts';
import type { Tap } from './forward.ts';
import {
  outerProduct,
  perSampleGradients,
  type PerSampleGradient,
  type TappedGradient,
} from './per-sample.ts';

export interface Projection {
  /**
   * fold: a count sketch of the full gradient, all parameters included; exactly `size` features. Faithful; the default.
   * factorised: per layer P_δ·G·P_aᵀ formed from the factors (LoGra, Choe et al. 2024); at most `size` features; twice as fast, without
   * normalisation parameters.
   * none: the full gradient, for exactness studies on small models; `size` and `seed` are not read.
   */
  readonly kind: 'factorised' | 'fold' | 'none';
  readonly size: number;
  readonly seed: number;
}

/** [N, features] */
export function projectGradients(
  graph: Graph,
  tapped: readonly TappedGradient[],
  projection: Projection,
): Value {
  switch (projection.kind) {
    case 'none':
      return concat(
        graph,
        fullGradients(graph, tapped).map(({ gradient }) => gradient),
        1,
      );
    case 'fold':
      return fullGradients(graph, tapped)
        .map((part) => foldSketch(graph, part, projection))
        .reduce((total, part) => add(graph, total, part));
    case 'factorised':
      return factorisedFeatures(graph, tapped, projection);
  }
}

function fullGradients(graph: Graph, tapped: readonly TappedGradient[]): readonly PerSampleGradient[] {
  return tapped.flatMap((part) => perSampleGradients(graph, part));
}

/** Where a parameter's entries go in the fold sketch: entry i to bucket (i + offset) mod size, with signs[i]. */
export function foldPlan(
  parameter: string,
  count: number,
  { size, seed }: Projection,
): { readonly offset: number; readonly signs: Float32Array } {
  const random = new Random(seed, `fold-signs/${parameter}`);
  const signs = new Float32Array(count).map(() => random.sign());
  // Parameters start at different buckets, or the short ones would all share the first few.
  return { offset: new Random(seed, `fold-offset/${parameter}`).uint32() % size, signs };
}

/** Folding needs no scatter: pad to rows of `size`, flip signs, sum the rows, then rotate the short result. */
function foldSketch(graph: Graph, { parameter, gradient }: PerSampleGradient, projection: Projection): Value {
  const { size } = projection;
  const [samples, count] = shapeOf(gradient) as [number, number];
  const { offset, signs } = foldPlan(parameter, count, projection);
  const rows = Math.ceil(count / size);
  const padded = pad(graph, gradient, [0, 0], [0, rows * size - count]);
  const signRows = new Float32Array(rows * size);
  signRows.set(signs);
  const signed = mul(
    graph,
    reshape(graph, padded, [samples, rows, size]),
    constant(graph, [1, rows, size], signRows),
  );
  return rotate(graph, sum(graph, signed, { axes: [1] }), offset);
}

/** Column j goes to (j + offset) mod size. */
function rotate(graph: Graph, rows: Value, offset: number): Value {
  if (offset === 0) return rows;
  const size = shapeOf(rows)[1]!;
  const tail = slice(graph, rows, [{ axis: 1, start: size - offset }]);
  const start = slice(graph, rows, [{ axis: 1, end: size - offset }]);
  return concat(graph, [tail, start], 1);
}

/** A layer's sizes in the factorised projection: of its input (with the bias as a further input) and of its output. */
export interface FactorSizes {
  readonly inputs: number;
  readonly outputs: number;
  readonly projectedInputs: number;
  readonly projectedOutputs: number;
}

/** The layers that the factorised projection covers. */
export type FactorTap = Extract<Tap, { kind: 'conv' | 'linear' }>;

/** Shares the features among the layers: equally, except that what a small layer cannot use goes to the others. */
export function planFactors(taps: readonly FactorTap[], size: number): readonly FactorSizes[] {
  const full = taps.map((tap) => ({ inputs: factorInputs(tap), outputs: shapeOf(tap.output)[1]! }));
  const smallestFirst = full
    .map((_, index) => index)
    .sort((a, b) => capacity(full[a]!) - capacity(full[b]!) || a - b);
  const planned = new Map<number, FactorSizes>();
  let remaining = size;
  smallestFirst.forEach((index, rank) => {
    const share = Math.max(1, Math.floor(remaining / (full.length - rank)));
    const sizes = shareFactors(full[index]!, share);
    remaining -= sizes.projectedInputs * sizes.projectedOutputs;
    planned.set(index, sizes);
  });
  return full.map((_, index) => planned.get(index)!);
}

function capacity({ inputs, outputs }: { readonly inputs: number; readonly outputs: number }): number {
  return inputs * outputs;
}

/** As square as the layer allows, within `share` features. */
function shareFactors({ inputs, outputs }: { inputs: number; outputs: number }, share: number): FactorSizes {
  const side = Math.max(1, Math.floor(Math.sqrt(share)));
  const squareInputs = Math.min(inputs, side);
  const projectedOutputs = Math.max(1, Math.min(outputs, Math.floor(share / squareInputs)));
  const projectedInputs = Math.max(1, Math.min(inputs, Math.floor(share / projectedOutputs)));
  return { inputs, outputs, projectedInputs, projectedOutputs };
}

function factorInputs(tap: FactorTap): number {
  if (tap.kind === 'linear') return shapeOf(tap.input)[1]! + 1;
  return elementCount(tap.weightShape.slice(1)) + (tap.bias ? 1 : 0);
}

/**
 * [rows, columns], entries ±1/√rows, so that inner products keep their mean. Where nothing would be shortened it is the identity: a square
 * random matrix would only add noise.
 */
export function factorMatrix(seed: number, name: string, rows: number, columns: number): Float32Array {
  const matrix = new Float32Array(rows * columns);
  if (rows === columns) {
    for (let index = 0; index < rows; index++) matrix[index * columns + index] = 1;
    return matrix;
  }
  const random = new Random(seed, name);
  const scale = 1 / Math.sqrt(rows);
  return matrix.map(() => random.sign() * scale);
}

function factorisedFeatures(graph: Graph, tapped: readonly TappedGradient[], projection: Projection): Value {
  const parts = tapped.filter(
    (part): part is TappedGradient & { tap: FactorTap } => part.tap.kind !== 'affine',
  );
  const plan = planFactors(
    parts.map(({ tap }) => tap),
    projection.size,
  );
  const features = parts.map((part, index) => factorisedPart(graph, part, plan[index]!, projection.seed));
  return concat(graph, features, 1);
}

/** P_δ·[G | g_b]·P_aᵀ of one layer, flattened: [N, k_δ·k_a]. The bias counts as a weight on a constant input of 1. */
function factorisedPart(
  graph: Graph,
  { tap, delta }: TappedGradient & { tap: FactorTap },
  sizes: FactorSizes,
  seed: number,
): Value {
  const { inputs, outputs, projectedInputs, projectedOutputs } = sizes;
  const inputMatrix = factorMatrix(seed, `factor-input/${tap.name}`, projectedInputs, inputs);
  const outputMatrix = constant(
    graph,
    [projectedOutputs, outputs],
    factorMatrix(seed, `factor-output/${tap.name}`, projectedOutputs, outputs),
  );
  const weights = inputs - (tap.kind === 'linear' || tap.bias ? 1 : 0);
  const { weight, bias } = splitLastColumn(inputMatrix, projectedInputs, inputs, weights);
  const biasValue = bias === null ? null : constant(graph, [projectedInputs], bias);
  if (tap.kind === 'linear') {
    const projected = matMul(graph, tap.input, constant(graph, [projectedInputs, weights], weight), {
      transposeB: true,
    });
    const activation = biasValue === null ? projected : add(graph, projected, biasValue);
    const projectedDelta = matMul(graph, delta, outputMatrix, { transposeB: true });
    return flatten(graph, outerProduct(graph, projectedDelta, activation));
  }
  // The projection of all patches at once is itself a convolution: no patch is ever copied out.
  const kernel = constant(graph, [projectedInputs, ...tap.weightShape.slice(1)], weight);
  const { strides: stride, dilations: dilation, pads } = tap.geometry;
  const activation = conv(graph, tap.input, kernel, { stride, dilation, pads, bias: biasValue });
  const [samples, , height, width] = shapeOf(delta) as [number, number, number, number];
  const positions = height * width;
  const projectedDelta = matMul(graph, outputMatrix, reshape(graph, delta, [samples, outputs, positions]));
  const activationRows = reshape(graph, activation, [samples, projectedInputs, positions]);
  return flatten(graph, matMul(graph, projectedDelta, activationRows, { transposeB: true }));
}

function splitLastColumn(
  matrix: Float32Array,
  rows: number,
  columns: number,
  kept: number,
): { weight: Float32Array; bias: Float32Array | null } {
  if (kept === columns) return { weight: matrix, bias: null };
  const weight = new Float32Array(rows * kept);
  const bias = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    weight.set(matrix.subarray(row * columns, row * columns + kept), row * kept);
    bias[row] = matrix[row * columns + kept]!;
  }
  return { weight, bias };
}
