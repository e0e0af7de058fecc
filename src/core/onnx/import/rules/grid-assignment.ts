/**
 * @file Assignments such as x[:, :, 1:3, 2] = v, which exporters write as one index tuple per element. Where the tuples are a grid, every
 * axis is handled by itself: an axis that is covered as a whole, such as the one of the images, is left alone.
 */
import { shapeOf, type Graph, type Value } from '../../../graph/graph.ts';
import { constant, gather, int64Constant, reshape, where } from '../../../ops/build.ts';
import { elementCount, type Shape } from '../../../tensor/tensor.ts';

/** The positions along each axis whose combinations, in row-major order, are the flat `positions` in `shape`; null where they are no grid. */
export function gridOf(positions: readonly number[], shape: Shape): readonly (readonly number[])[] | null {
  const tuples = positions.map((flat) => tupleOf(flat, shape));
  const lists = shape.map((_, axis) => [...new Set(tuples.map((tuple) => tuple[axis]!))]);
  const extents = lists.map((list) => list.length);
  if (positions.length === 0 || elementCount(extents) !== positions.length) return null;
  const isGrid = tuples.every((tuple, flat) =>
    tupleOf(flat, extents).every((index, axis) => lists[axis]![index] === tuple[axis]),
  );
  return isGrid ? lists : null;
}

function tupleOf(flat: number, shape: Shape): number[] {
  const tuple = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    tuple[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return tuple;
}

/** `data` with the updates in place of the elements on the grid of its leading axes. */
export function assignGrid(
  graph: Graph,
  data: Value,
  updates: Value,
  grid: readonly (readonly number[])[],
): Value {
  const shape = shapeOf(data);
  let spread = reshape(graph, updates, [...grid.map((list) => list.length), ...shape.slice(grid.length)]);
  const maskShape = shape.map(() => 1);
  const lines = grid.map((list, axis) => {
    const extent = shape[axis]!;
    if (list.every((position, index) => position === index) && list.length === extent) return [true];
    const at = new Map(list.map((position, index) => [position, index]));
    const positions = Array.from({ length: extent }, (_, position) => position);
    spread = gather(
      graph,
      spread,
      int64Constant(
        graph,
        positions.map((position) => at.get(position) ?? 0),
      ),
      axis,
    );
    maskShape[axis] = extent;
    return positions.map((position) => at.has(position));
  });
  const isCovered = lines.reduce(
    (all, line) => all.flatMap((outer) => line.map((inner) => outer && inner)),
    [true],
  );
  return where(graph, constant(graph, maskShape, isCovered.map(Number), 'bool'), spread, data);
}
