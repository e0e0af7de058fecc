/**
 * @file Linear regression on clustered data, where leaving a cluster out is known exactly: the synset of each cluster is its QR factor, whose
 * gradient is the cluster's at all weights (METHODS §4.5).
 */
import { Random } from '../src/core/base/random.ts';
import type { Network } from '../src/core/nn/network.ts';
import { flatten, matMul } from '../src/core/ops/build.ts';

export const featureCount = 4;
const CLUSTERS = 3;
const ROWS = 12;

/** y = x·w without a constant, as a network on images of one pixel with `featureCount` channels. */
export const regressionNetwork: Network = {
  inputShape: [featureCount, 1, 1],
  outputCount: 1,
  parameters: [{ name: 'weight', shape: [1, featureCount], offset: 0 }],
  parameterCount: featureCount,
  dropouts: [],
  initialParameters: () => new Float32Array(featureCount),
  forward: (graph, images, parameters) => {
    const rows = flatten(graph, images);
    return { output: matMul(graph, rows, parameters.get('weight')!, { transposeB: true }), embedding: rows };
  },
};

interface Equations {
  /** Row by row. */
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

export interface ClusteredRegression {
  readonly clusters: readonly Equations[];
  /** For each cluster `featureCount` rows: R, and Qᵀy. */
  readonly synsets: readonly Equations[];
  /** Least squares on all clusters but these. */
  readonly solveWithout: (left: ReadonlySet<number>) => number[];
}

export function makeClusteredRegression(): ClusteredRegression {
  const random = new Random(11, 'clustered regression');
  const clusters = Array.from({ length: CLUSTERS }, (_, cluster): Equations => {
    const x = Array.from({ length: ROWS }, () =>
      Array.from({ length: featureCount }, (_, column) => random.normal() + (column === cluster ? 1 : 0)),
    );
    const own = Array.from({ length: featureCount }, () => random.normal());
    return { x, y: x.map((row) => dot(row, own) + 0.1 * random.normal()) };
  });
  return {
    clusters,
    synsets: clusters.map(factor),
    solveWithout: (left) => leastSquares(clusters.filter((_, cluster) => !left.has(cluster))),
  };
}

/** R and Qᵀy by Gram–Schmidt on the columns. */
function factor({ x, y }: Equations): Equations {
  const columns = Array.from({ length: featureCount }, (_, column) => x.map((row) => row[column]!));
  const basis: number[][] = [];
  const r = columns.map(() => new Array<number>(featureCount).fill(0));
  for (const [index, column] of columns.entries()) {
    let rest = column;
    for (const [place, direction] of basis.entries()) {
      const along = dot(rest, direction);
      r[place]![index] = along;
      rest = rest.map((value, row) => value - along * direction[row]!);
    }
    const length = Math.sqrt(dot(rest, rest));
    r[index]![index] = length;
    basis.push(rest.map((value) => value / length));
  }
  return { x: r, y: basis.map((direction) => dot(direction, y)) };
}

/** By the normal equations and Gauss–Jordan elimination. */
function leastSquares(parts: readonly Equations[]): number[] {
  const system = Array.from({ length: featureCount }, (_, row) => {
    const line = new Array<number>(featureCount + 1).fill(0);
    for (const { x, y } of parts)
      x.forEach((values, index) => {
        values.forEach((value, column) => (line[column]! += values[row]! * value));
        line[featureCount]! += values[row]! * y[index]!;
      });
    return line;
  });
  for (let pivot = 0; pivot < featureCount; pivot++) {
    const scale = system[pivot]![pivot]!;
    system[pivot] = system[pivot]!.map((value) => value / scale);
    for (let row = 0; row < featureCount; row++) {
      if (row === pivot) continue;
      const times = system[row]![pivot]!;
      system[row] = system[row]!.map((value, column) => value - times * system[pivot]![column]!);
    }
  }
  return system.map((line) => line[featureCount]!);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}
