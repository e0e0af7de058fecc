/** @file A part of a graph written again with some of its values changed where they arise. */
import type { Graph, Value } from '../graph/graph.ts';
import { copyInto } from './copy-graph.ts';

/**
 * `values` as they would be if each of `places`, all of `graph`, were `change` of itself for everything that reads it. The places come in the order
 * of computation: what is changed has the changes before it behind it.
 */
export function changeValues(
  graph: Graph,
  values: readonly Value[],
  places: readonly Value[],
  change: (value: Value, index: number) => Value,
): Value[] {
  const changed = new Map<Value, Value>();
  for (const [index, place] of places.entries()) {
    const [copy] = copyInto(graph, [place], changed);
    changed.set(place, change(copy!, index));
  }
  return copyInto(graph, values, changed);
}
