/**
 * @file Per-sample gradients from taps. Layers here never mix samples, so the cotangents δ of a layer's output, taken of the
 * *sum* over the batch, hold every sample's own gradient.
 */
import { gradients } from '../compiler/differentiate.ts';
import { shapeOf, type Graph, type Value } from '../graph/graph.ts';
import {
  add,
  convPerSampleWeightGradient,
  flatten,
  matMul,
  mul,
  reshape,
  sum,
  transpose,
} from '../ops/build.ts';
import type { Tap } from './forward.ts';

/** A tap with the cotangent of its output. */
export interface TappedGradient {
  readonly tap: Tap;
  readonly delta: Value;
}

/** `outputs` [N]: the output function per sample. */
export function tapGradients(graph: Graph, outputs: Value, taps: readonly Tap[]): readonly TappedGradient[] {
  const total = sum(graph, outputs);
  const deltas = gradients(
    graph,
    total,
    taps.map((tap) => tap.output),
  );
  return taps.map((tap, index) => ({ tap, delta: deltas[index]! }));
}

/** The gradient of one parameter for every sample: [N, size]. */
export interface PerSampleGradient {
  readonly parameter: string;
  readonly gradient: Value;
}

/**
 * The full gradient by every parameter. Within a convolution's weight the order is [O, kh, kw, C] (channels last), in which it comes
 * out of the product; all other parameters keep their order.
 */
export function perSampleGradients(
  graph: Graph,
  { tap, delta }: TappedGradient,
): readonly PerSampleGradient[] {
  const { name } = tap;
  switch (tap.kind) {
    case 'conv': {
      const weight = convPerSampleWeightGradient(graph, tap.input, delta, tap.geometry, tap.weightShape);
      const channelsLast = transpose(graph, weight, [0, 1, 3, 4, 2]);
      const found = [{ parameter: `${name}.weight`, gradient: flatten(graph, channelsLast) }];
      return tap.bias
        ? [...found, { parameter: `${name}.bias`, gradient: sumOverPositions(graph, delta) }]
        : found;
    }
    case 'linear':
      return [
        { parameter: `${name}.weight`, gradient: flatten(graph, outerProduct(graph, delta, tap.input)) },
        { parameter: `${name}.bias`, gradient: delta },
      ];
    case 'affine':
      return [
        { parameter: `${name}.scale`, gradient: sumOverPositions(graph, mul(graph, delta, tap.input)) },
        { parameter: `${name}.shift`, gradient: sumOverPositions(graph, delta) },
      ];
  }
}

/** [N, a] and [N, b] → [N, a, b]. */
export function outerProduct(graph: Graph, left: Value, right: Value): Value {
  return mul(
    graph,
    reshape(graph, left, [...shapeOf(left), 1]),
    reshape(graph, right, [shapeOf(right)[0]!, 1, -1]),
  );
}

/** Squared norm of the full gradient by this tap's parameters, [N]. */
export function squaredNorm(graph: Graph, tapped: TappedGradient): Value {
  const { tap, delta } = tapped;
  if (tap.kind === 'linear') {
    // ‖δ ⊗ a‖² + ‖δ‖² = ‖δ‖²·(‖a‖² + 1): the outer product need not be formed.
    return mul(graph, squaredRows(graph, delta), add(graph, squaredRows(graph, tap.input), 1));
  }
  return perSampleGradients(graph, tapped)
    .map(({ gradient }) => squaredRows(graph, gradient))
    .reduce((total, part) => add(graph, total, part));
}

/** [N, size] → [N]. As products of each row with itself: one pass, where squaring and summing would write all squares first. */
function squaredRows(graph: Graph, rows: Value): Value {
  const [samples, size] = shapeOf(rows) as [number, number];
  const each = reshape(graph, rows, [samples, 1, size]);
  return reshape(graph, matMul(graph, each, each, { transposeB: true }), [samples]);
}

/** [N, C, H, W] → [N, C]. */
function sumOverPositions(graph: Graph, value: Value): Value {
  return sum(graph, value, { axes: [2, 3] });
}
