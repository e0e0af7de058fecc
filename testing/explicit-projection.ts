/** @file Projections written out with plain loops on whole gradients: what the graphs' features are held against. */
import { project, makeProjection } from '../src/core/linalg/projection.ts';
import { makeMatrix } from '../src/core/linalg/matrix.ts';
import type { ParameterSpec } from '../src/core/nn/network.ts';
import type { Projection } from '../src/core/nn/projection.ts';
import { planFactors, type FactorPlan } from '../src/core/nn/projection/factor-plan.ts';
import { productOrder } from '../src/core/nn/parameter-gradients.ts';
import { foldPlan, type FoldPlan } from '../src/core/nn/projection/fold.ts';
import { maskPlan, maskWidth } from '../src/core/nn/projection/mask.ts';
import { elementCount, type Shape } from '../src/core/tensor/tensor.ts';
import { stridesOf } from '../src/core/tensor/shape.ts';

/** `gradient` is laid out as the parameter vector. */
export function explicitFeatures(
  parameters: readonly ParameterSpec[],
  gradient: Float64Array,
  projection: Projection,
): Float64Array {
  const part = ({ offset, shape }: ParameterSpec) => gradient.subarray(offset, offset + elementCount(shape));
  switch (projection.kind) {
    case 'none':
      return gradient;
    case 'fold':
      return added(
        parameters.map((parameter) => {
          const ordered = reordered(part(parameter), parameter.shape, productOrder(parameter.shape));
          return folded(ordered, foldPlan(parameter.name, ordered.length, projection));
        }),
      );
    case 'sjlt':
    case 'gaussian':
    case 'rademacher': {
      const { kind } = projection;
      return added(
        parameters.map((parameter) => projected(part(parameter), kind, parameter.name, projection)),
      );
    }
    case 'mask':
    case 'mask-sjlt': {
      const { picked, scale } = maskPlan(parameters, maskWidth(projection), projection.seed);
      const entries = Float64Array.from(
        parameters.flatMap((parameter, index) =>
          picked[index]!.map((entry) => part(parameter)[entry]! * scale),
        ),
      );
      return projection.kind === 'mask' ? entries : projected(entries, 'sjlt', 'masked entries', projection);
    }
    case 'factorised':
    case 'factorised-mask-sjlt': {
      const { matrices, vectors } = planFactors(parameters, projection);
      const features = parameters.flatMap((parameter) => {
        const plan = matrices.get(parameter.name);
        return plan === undefined ? [] : [...factored(part(parameter), plan, projection)];
      });
      if (vectors === null) return Float64Array.from(features);
      const rest = parameters
        .filter(({ name }) => !matrices.has(name))
        .flatMap((parameter) => [...part(parameter)]);
      return Float64Array.from([...features, ...folded(rest, vectors)]);
    }
  }
}

function added(parts: readonly Float64Array[]): Float64Array {
  return parts.reduce((total, part) => total.map((value, index) => value + part[index]!));
}

function projected(
  entries: Float64Array,
  kind: 'sjlt' | 'gaussian' | 'rademacher',
  name: string,
  { size, seed }: Projection,
): Float64Array {
  const projection = makeProjection({ kind, inputSize: entries.length, outputSize: size, seed, name });
  return project(projection, makeMatrix(1, entries.length, entries)).data;
}

/** The entries in row-major order of the axes `order`. */
function reordered(entries: Float64Array, shape: Shape, order: readonly number[]): number[] {
  const strides = stridesOf(shape);
  return order
    .reduce<number[]>(
      (places, axis) =>
        places.flatMap((place) =>
          Array.from({ length: shape[axis]! }, (_, position) => place + position * strides[axis]!),
        ),
      [0],
    )
    .map((place) => entries[place]!);
}

function folded(entries: readonly number[], { size, offset, signs }: FoldPlan): Float64Array {
  const buckets = new Float64Array(size);
  entries.forEach((entry, index) => (buckets[(index + offset) % size]! += signs[index]! * entry));
  return buckets;
}

/** null is the identity. */
function entryOf(matrix: Float32Array | null, row: number, column: number, columns: number): number {
  return matrix === null ? Number(row === column) : matrix[row * columns + column]!;
}

/** P·G·Qᵀ entry by entry. */
function factored(gradient: Float64Array, plan: FactorPlan, { seed }: Projection): Float64Array {
  const { name, rows, columns, projectedRows, projectedColumns, left, right, sketch } = plan;
  const features = new Float64Array(projectedRows * projectedColumns);
  for (let a = 0; a < projectedRows; a++) {
    for (let b = 0; b < projectedColumns; b++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const [p, q] = [entryOf(left, a, row, rows), entryOf(right, b, column, columns)];
          sum += p * gradient[row * columns + column]! * q;
        }
      }
      features[a * projectedColumns + b] = sum;
    }
  }
  if (sketch === null) return features;
  return projected(features, 'sjlt', `factor-sketch/${name}`, { kind: 'sjlt', size: sketch.size, seed });
}
