/** @file The count sketch (SJLT with one entry per column): every entry goes, with a random sign, to a random bucket. */
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import { drawBuckets, type Buckets } from '../../linalg/projection.ts';
import { addAll, constant, gather, int64Constant, mul, pad, reshape, sum } from '../../ops/build.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { wholeGradientOf, type ParameterGradient } from '../parameter-gradients.ts';
import type { Projection } from '../projection.ts';

export interface SketchPlan extends Buckets {
  readonly size: number;
}

export function sketchPlan(
  name: string,
  count: number,
  { size, seed }: Pick<Projection, 'size' | 'seed'>,
): SketchPlan {
  return { size, ...drawBuckets({ kind: 'sjlt', inputSize: count, outputSize: size, seed, name }) };
}

export function sketchedFeatures(
  graph: Graph,
  gradients: readonly ParameterGradient[],
  projection: Projection,
): Value {
  const parts = gradients.map((gradient) => {
    const plan = sketchPlan(gradient.name, elementCount(gradient.shape), projection);
    return sketch(graph, wholeGradientOf(graph, gradient), plan);
  });
  return addAll(graph, parts);
}

/**
 * [N, count] → [N, size]. Entries are laid out bucket by bucket, each bucket filled up with zeros to the length of the fullest, and each
 * row of `depth` entries summed: adding at scattered places is far slower.
 */
export function sketch(graph: Graph, entries: Value, { size, buckets, signs }: SketchPlan): Value {
  const [samples, count] = shapeOf(entries) as [number, number];
  const filled = new Int32Array(size);
  for (const bucket of buckets) filled[bucket]!++;
  const depth = filled.reduce((most, fill) => Math.max(most, fill), 1);
  const places = new Array<number>(depth * size).fill(count);
  const signRows = new Float32Array(depth * size);
  filled.fill(0);
  buckets.forEach((bucket, entry) => {
    const place = filled[bucket]!++ * size + bucket;
    places[place] = entry;
    signRows[place] = signs[entry]!;
  });
  const withZero = pad(graph, entries, [0, 0], [0, 1]);
  const laidOut = gather(graph, withZero, int64Constant(graph, places), 1);
  const signed = mul(graph, laidOut, constant(graph, [1, depth * size], signRows));
  return sum(graph, reshape(graph, signed, [samples, depth, size]), { axes: [1] });
}
