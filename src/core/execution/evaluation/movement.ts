/** @file Reference semantics of the operators that move elements and of the reductions. */
import {
  addAt,
  at,
  broadcastAt,
  fill,
  indicesOf,
  zeros,
  type EvaluationRules,
  type Index,
  type NumberArray,
} from './number-array.ts';
import type { ReduceAttributes } from '../../graph/op-attributes.ts';

/** The positions that start:end:step visits. */
function positions(start: number, end: number, step: number): number[] {
  const visited: number[] = [];
  for (let position = start; step > 0 ? position < end : position > end; position += step)
    visited.push(position);
  return visited;
}

/** Splits the index of a gathered array into that of the data, given the indices. */
function sourceIndex(index: Index, indices: NumberArray, axis: number): number[] {
  const rank = indices.shape.length;
  return [...index.slice(0, axis), at(indices, index.slice(axis, axis + rank)), ...index.slice(axis + rank)];
}

const reduction =
  (combine: (elements: readonly number[]) => number) =>
  ([x]: readonly NumberArray[], { axes, keepDims }: ReduceAttributes): NumberArray[] => {
    const kept = x!.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
    const reduced = x!.shape.map((extent, axis) => (axes.includes(axis) ? extent : 1));
    const { data } = fill(kept, (index) => combine(collect(x!, index, reduced)));
    return [{ shape: keepDims ? kept : x!.shape.filter((_, axis) => !axes.includes(axis)), data }];
  };

/** The elements of `x` in the box of extent `box` at `origin`. */
function collect(x: NumberArray, origin: Index, box: readonly number[]): number[] {
  return Array.from(indicesOf(box), (offset) =>
    at(
      x,
      origin.map((position, axis) => position + offset[axis]!),
    ),
  );
}

const total = (elements: readonly number[]) => elements.reduce((sum, element) => sum + element, 0);

export const movementEvaluation = {
  Reshape: ([x], { shape }) => [{ shape, data: x!.data }],
  Transpose: ([x], { permutation }) => [
    fill(
      permutation.map((axis) => x!.shape[axis]!),
      (index) => {
        const source = index.map(() => 0);
        permutation.forEach((axis, target) => (source[axis] = index[target]!));
        return at(x!, source);
      },
    ),
  ],
  Expand: ([x], { shape }) => [fill(shape, (index) => broadcastAt(x!, index))],
  Slice: ([x], { starts, ends, steps }) => {
    const visited = starts.map((start, axis) => positions(start, ends[axis]!, steps[axis]!));
    return [
      fill(
        visited.map((list) => list.length),
        (index) =>
          at(
            x!,
            index.map((position, axis) => visited[axis]![position]!),
          ),
      ),
    ];
  },
  Pad: ([x], { before, after, value }) => [
    fill(
      x!.shape.map((extent, axis) => before[axis]! + extent + after[axis]!),
      (index) => {
        const source = index.map((position, axis) => position - before[axis]!);
        return source.every((position, axis) => position >= 0 && position < x!.shape[axis]!)
          ? at(x!, source)
          : value;
      },
    ),
  ],
  Concat: (inputs, { axis }) => {
    const shape = inputs[0]!.shape.with(axis, total(inputs.map((input) => input.shape[axis]!)));
    return [
      fill(shape, (index) => {
        let position = index[axis]!;
        let part = 0;
        while (position >= inputs[part]!.shape[axis]!) position -= inputs[part++]!.shape[axis]!;
        return at(inputs[part]!, index.with(axis, position));
      }),
    ];
  },
  Gather: ([data, indices], { axis }) => [
    fill([...data!.shape.slice(0, axis), ...indices!.shape, ...data!.shape.slice(axis + 1)], (index) =>
      at(data!, sourceIndex(index, indices!, axis)),
    ),
  ],
  ScatterAdd: ([values, indices], { axis, shape }) => {
    const result = zeros(shape);
    for (const index of indicesOf(values!.shape)) {
      addAt(result, sourceIndex(index, indices!, axis), at(values!, index));
    }
    return [result];
  },
  GatherElements: ([data, indices], { axis }) => [
    fill(indices!.shape, (index) => at(data!, index.with(axis, at(indices!, index)))),
  ],
  ScatterElementsAdd: ([values, indices], { axis, shape }) => {
    const result = zeros(shape);
    for (const index of indicesOf(values!.shape)) {
      addAt(result, index.with(axis, at(indices!, index)), at(values!, index));
    }
    return [result];
  },
  ReduceSum: reduction(total),
  ReduceMean: reduction((elements) => total(elements) / elements.length),
  ReduceMax: reduction((elements) => Math.max(...elements)),
  ReduceMin: reduction((elements) => Math.min(...elements)),
  ArgMax: (inputs, { axis, keepDims }) =>
    reduction((elements) => elements.indexOf(Math.max(...elements)))(inputs, { axes: [axis], keepDims }),
} satisfies Partial<EvaluationRules>;
