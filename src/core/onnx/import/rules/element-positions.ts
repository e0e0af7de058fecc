/** @file Positions that ONNX counts in its own ways, as the int64 positions from the front that this program's operators take. */
import { shapeOf, type Graph, type Value } from '../../../graph/graph.ts';
import { add, cast, int64Constant, less, mul, sum, where } from '../../../ops/build.ts';
import { stridesOf } from '../../../tensor/shape.ts';
import { numbersOf, type Shape } from '../../../tensor/tensor.ts';

/** The numbers of a constant, or null. */
export function knownNumbers({ source }: Value): number[] | null {
  return source.kind === 'constant' ? Array.from(numbersOf(source.tensor)) : null;
}

/** Negative ones count from the back of an axis of `extent`. */
export function fromFront(graph: Graph, indices: Value, extent: number): Value {
  const numbers = knownNumbers(indices);
  if (numbers !== null) {
    const positions = numbers.map((index) => (index < 0 ? index + extent : index));
    return int64Constant(graph, positions, shapeOf(indices));
  }
  const wide = cast(graph, indices, 'int64');
  return where(graph, less(graph, wide, 0), add(graph, wide, extent), wide);
}

/** [..., q] tuples that index axes of extents `shape` (q of them) → [...] positions in the array of that shape. */
export function flatPositions(graph: Graph, tuples: Value, shape: Shape): Value {
  const strides = stridesOf(shape);
  const rows = shapeOf(tuples).slice(0, -1);
  const numbers = knownNumbers(tuples);
  if (numbers !== null) {
    const width = shape.length;
    const positions = Array.from({ length: numbers.length / width }, (_, row) =>
      strides.reduce((flat, stride, axis) => {
        const index = numbers[row * width + axis]!;
        return flat + stride * (index < 0 ? index + shape[axis]! : index);
      }, 0),
    );
    return int64Constant(graph, positions, rows);
  }
  const wide = cast(graph, tuples, 'int64');
  const positions = where(graph, less(graph, wide, 0), add(graph, wide, int64Constant(graph, shape)), wide);
  return sum(graph, mul(graph, positions, int64Constant(graph, strides)), { axes: [-1] });
}
