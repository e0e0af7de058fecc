/** @file The fold: entry i of a parameter goes, with a random sign, to bucket (i + offset) mod size. Needs no scatter. */
import { Random } from '../../base/random.ts';
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import { addAll, concat, constant, mul, pad, reshape, slice, sum } from '../../ops/build.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { unorderedGradientOf, type ParameterGradient } from '../parameter-gradients.ts';
import type { Projection } from '../projection.ts';

export interface FoldPlan {
  readonly size: number;
  readonly offset: number;
  readonly signs: Float32Array;
}

/** Of the `count` entries of one parameter, in `productOrder`. */
export function foldPlan(
  parameter: string,
  count: number,
  { size, seed }: Pick<Projection, 'size' | 'seed'>,
): FoldPlan {
  const random = new Random(seed, `fold-signs/${parameter}`);
  const signs = new Float32Array(count).map(() => random.sign());
  // Parameters start at different buckets, or the short ones would all share the first few.
  return { size, offset: new Random(seed, `fold-offset/${parameter}`).uint32() % size, signs };
}

export function foldedFeatures(
  graph: Graph,
  gradients: readonly ParameterGradient[],
  projection: Projection,
): Value {
  const parts = gradients.map((gradient) => {
    const plan = foldPlan(gradient.name, elementCount(gradient.shape), projection);
    return fold(graph, unorderedGradientOf(graph, gradient), plan);
  });
  return addAll(graph, parts);
}

/** [N, count] → [N, size]: pad to rows of `size`, flip signs, sum the rows, then rotate the short result. */
export function fold(graph: Graph, entries: Value, { size, offset, signs }: FoldPlan): Value {
  const [samples, count] = shapeOf(entries) as [number, number];
  const rows = Math.ceil(count / size);
  const padded = pad(graph, entries, [0, 0], [0, rows * size - count]);
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
