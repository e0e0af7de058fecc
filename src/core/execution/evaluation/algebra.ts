/** @file Reference semantics of matrix multiplication, flat gathering, normalisation over the last axis, and resampling. */
import { broadcastShapes } from '../../tensor/shape.ts';
import { at, fill, zeros, type EvaluationRules, type NumberArray } from './number-array.ts';

/** The last two axes swapped. */
function swapped(x: NumberArray): NumberArray {
  const swap = (list: readonly number[]) => [...list.slice(0, -2), list.at(-1)!, list.at(-2)!];
  return fill(swap(x.shape), (index) => at(x, swap(index)));
}

/** Maps each row of the last axis. */
function mapRows(x: NumberArray, change: (row: readonly number[]) => readonly number[]): NumberArray {
  const length = x.shape.at(-1)!;
  const rows = Array.from({ length: x.data.length / length }, (_, row) =>
    change([...x.data.subarray(row * length, (row + 1) * length)]),
  );
  return { shape: [...x.shape.slice(0, -1), rows[0]!.length], data: Float64Array.from(rows.flat()) };
}

const total = (row: readonly number[]) => row.reduce((sum, element) => sum + element, 0);
const average = (row: readonly number[]) => total(row) / row.length;

function standardFactor(row: readonly number[], epsilon: number): number {
  const centre = average(row);
  return 1 / Math.sqrt(average(row.map((element) => (element - centre) ** 2)) + epsilon);
}

function softmaxOf(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const weights = row.map((element) => Math.exp(element - largest));
  return weights.map((weight) => weight / total(weights));
}

export const algebraEvaluation = {
  MatMul: ([first, second], { transposeA, transposeB }) => {
    const a = transposeA ? swapped(first!) : first!;
    const b = transposeB ? swapped(second!) : second!;
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const inner = a.shape.at(-1)!;
    return [
      fill([...batch, a.shape.at(-2)!, b.shape.at(-1)!], (index) => {
        const [outer, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          sum += matrixAt(a, outer, row, k) * matrixAt(b, outer, k, column);
        }
        return sum;
      }),
    ];
  },
  FlatScatterAdd: ([values, indices], { shape }) => {
    const result = zeros(shape);
    values!.data.forEach((value, position) => (result.data[indices!.data[position]!]! += value));
    return [result];
  },
  FlatGather: ([x, indices]) => [
    { shape: indices!.shape, data: indices!.data.map((index) => x!.data[index]!) },
  ],
  Standardize: ([x], { epsilon }) => [
    mapRows(x!, (row) => row.map((element) => (element - average(row)) * standardFactor(row, epsilon))),
    mapRows(x!, (row) => [standardFactor(row, epsilon)]),
  ],
  Softmax: ([x]) => [mapRows(x!, softmaxOf)],
  LogSoftmax: ([x]) => [
    mapRows(x!, (row) => {
      const largest = Math.max(...row);
      const logTotal = largest + Math.log(total(row.map((element) => Math.exp(element - largest))));
      return row.map((element) => element - logTotal);
    }),
  ],
  TopK: ([x], { count, largest }) => [
    mapRows(x!, (row) =>
      row
        .map((element, position) => ({ element, position }))
        .sort((a, b) => (largest ? b.element - a.element : a.element - b.element))
        .slice(0, count)
        .map(({ position }) => position),
    ),
  ],
  UpsampleNearest: ([x], { scale }) => {
    const [n, c, height, width] = x!.shape;
    return [
      fill([n!, c!, height! * scale, width! * scale], ([sample, channel, row, column]) =>
        at(x!, [sample!, channel!, Math.floor(row! / scale), Math.floor(column! / scale)]),
      ),
    ];
  },
  DownsampleSum: ([x], { scale }) => {
    const [n, c, height, width] = x!.shape;
    return [
      fill([n!, c!, height! / scale, width! / scale], ([sample, channel, row, column]) => {
        let sum = 0;
        for (let dy = 0; dy < scale; dy++) {
          for (let dx = 0; dx < scale; dx++) {
            sum += at(x!, [sample!, channel!, row! * scale + dy, column! * scale + dx]);
          }
        }
        return sum;
      }),
    ];
  },
} satisfies Partial<EvaluationRules>;

/** Element (row, column) of the matrix that broadcasting puts at batch index `outer`. */
function matrixAt(x: NumberArray, outer: readonly number[], row: number, column: number): number {
  const batch = x.shape.slice(0, -2);
  const offset = outer.length - batch.length;
  const own = batch.map((extent, axis) => (extent === 1 ? 0 : outer[axis + offset]!));
  return at(x, [...own, row, column]);
}
