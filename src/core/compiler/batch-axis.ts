/** @file The place of the samples within one value, and how to bring them to the front. */
import { shapeOf, type Graph, type Value } from '../graph/graph.ts';
import { reshape, transpose } from '../ops/build.ts';
import { elementCount, type Shape } from '../tensor/tensor.ts';

/** Along `axis`, of extent before·N·after, the position (b·N + n)·after + a belongs to sample n. */
export interface BatchAxis {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

/** How many rounds of N samples there are, and how many elements of a sample lie together in one round. */
export function flatStrides(
  shape: Shape,
  { axis, before, after }: BatchAxis,
): { outer: number; inner: number } {
  return {
    outer: elementCount(shape.slice(0, axis)) * before,
    inner: after * elementCount(shape.slice(axis + 1)),
  };
}

/** The samples' own values one after another: [N, …shape], with before·after left of the batch axis. */
export function sampleFirst(graph: Graph, value: Value, batch: BatchAxis, batchSize: number): Value {
  const shape = shapeOf(value);
  const { outer, inner } = flatStrides(shape, batch);
  const own = [batchSize, ...shape.with(batch.axis, batch.before * batch.after)];
  if (outer === 1) return reshape(graph, value, own);
  return reshape(graph, transpose(graph, reshape(graph, value, [outer, batchSize, inner]), [1, 0, 2]), own);
}
