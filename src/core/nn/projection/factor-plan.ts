/** @file What each parameter gets of the features in a factorised projection; follows from names and shapes alone. */
import { Random } from '../../base/random.ts';
import { elementCount, type Shape } from '../../tensor/tensor.ts';
import type { Projection } from '../projection.ts';
import { foldPlan, type FoldPlan } from './fold.ts';
import { sketchPlan, type SketchPlan } from './sketch.ts';

interface Named {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * P [projectedRows, rows] and Q [projectedColumns, columns] for a weight seen as a matrix, null being the identity, and a sketch of P·G·Qᵀ where
 * there is one.
 */
export interface FactorPlan {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly projectedRows: number;
  readonly projectedColumns: number;
  readonly left: Float32Array | null;
  readonly right: Float32Array | null;
  readonly sketch: SketchPlan | null;
}

export interface FactorisedPlan {
  readonly matrices: ReadonlyMap<string, FactorPlan>;
  /** Of all other parameters, one after another; null where there are none. */
  readonly vectors: FoldPlan | null;
}

/** How many products are picked for each feature that they are sketched to (FactGraSS). */
const PICKED_PER_FEATURE = 4;

/** A weight as a matrix: its first extent by the others, extents of 1 in front aside; null where that is a vector. */
export function matrixView(shape: Shape): { readonly rows: number; readonly columns: number } | null {
  const first = shape.findIndex((extent) => extent > 1);
  if (first < 0) return null;
  const columns = elementCount(shape.slice(first + 1));
  return columns === 1 ? null : { rows: shape[first]!, columns };
}

/** Shares the features: equally, except that what a small parameter cannot use goes to the others. Vectors count as one parameter together. */
export function planFactors(parameters: readonly Named[], projection: Projection): FactorisedPlan {
  const matrices = parameters.flatMap(({ name, shape }) => {
    const view = matrixView(shape);
    return view === null ? [] : [{ name, ...view, capacity: view.rows * view.columns }];
  });
  const vectorLength = parameters
    .filter(({ shape }) => matrixView(shape) === null)
    .reduce((total, { shape }) => total + elementCount(shape), 0);
  const capacities = matrices.map(({ capacity }) => capacity).concat(vectorLength > 0 ? [vectorLength] : []);
  const shares = shareOut(capacities, projection.size);
  return {
    matrices: new Map(
      matrices.map((matrix, index) => [matrix.name, planMatrix(matrix, shares[index]!, projection)]),
    ),
    vectors:
      vectorLength === 0
        ? null
        : foldPlan('vectors', vectorLength, { size: shares.at(-1)!, seed: projection.seed }),
  };
}

/** At least one each; the smallest are served first, and what they leave goes round. */
function shareOut(capacities: readonly number[], size: number): readonly number[] {
  const order = capacities.map((_, index) => index).sort((a, b) => capacities[a]! - capacities[b]! || a - b);
  const shares = new Array<number>(capacities.length);
  let remaining = size;
  order.forEach((index, rank) => {
    const share = Math.max(1, Math.floor(remaining / (order.length - rank)));
    shares[index] = Math.min(share, capacities[index]!);
    remaining -= shares[index];
  });
  return shares;
}

function planMatrix(
  { name, rows, columns }: { readonly name: string; readonly rows: number; readonly columns: number },
  share: number,
  { kind, seed }: Projection,
): FactorPlan {
  const isPicked = kind === 'factorised-mask-sjlt';
  const [projectedRows, projectedColumns] = sidesOf(
    rows,
    columns,
    isPicked ? PICKED_PER_FEATURE * share : share,
  );
  const entries = isPicked ? pickingMatrix : signMatrix;
  const count = projectedRows * projectedColumns;
  // A square random matrix would only add noise.
  const side = (role: string, projected: number, size: number): Float32Array | null =>
    projected === size ? null : entries(seed, `factor-${role}/${name}`, projected, size);
  return {
    name,
    rows,
    columns,
    projectedRows,
    projectedColumns,
    left: side('rows', projectedRows, rows),
    right: side('columns', projectedColumns, columns),
    sketch:
      isPicked && count > share ? sketchPlan(`factor-sketch/${name}`, count, { size: share, seed }) : null,
  };
}

/** Convolution kernels compute whole blocks of channels: a few projected columns more would cost a block more. */
const COLUMN_BLOCK = 16;

/** As square as the matrix and whole blocks of columns allow, within `share` entries. */
function sidesOf(rows: number, columns: number, share: number): [number, number] {
  const root = Math.max(1, Math.floor(Math.sqrt(share)));
  const side = root > COLUMN_BLOCK ? root - (root % COLUMN_BLOCK) : root;
  const squareColumns = Math.min(columns, side);
  const projectedRows = Math.max(1, Math.min(rows, Math.floor(share / squareColumns)));
  return [projectedRows, Math.max(1, Math.min(columns, Math.floor(share / projectedRows)))];
}

/** What null stands for in a plan. */
export function identityMatrix(size: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let index = 0; index < size; index++) matrix[index * size + index] = 1;
  return matrix;
}

/** The weight as it is. */
export function wholePlan(name: string, view: NonNullable<ReturnType<typeof matrixView>>): FactorPlan {
  const { rows, columns } = view;
  return {
    name,
    ...view,
    projectedRows: rows,
    projectedColumns: columns,
    left: null,
    right: null,
    sketch: null,
  };
}

/** [rows, columns], entries ±1/√rows, so that inner products keep their mean. */
function signMatrix(seed: number, name: string, rows: number, columns: number): Float32Array {
  const random = new Random(seed, name);
  const scale = 1 / Math.sqrt(rows);
  return new Float32Array(rows * columns).map(() => random.sign() * scale);
}

/** [rows, columns]: each row picks another column, scaled so that inner products keep their mean. */
function pickingMatrix(seed: number, name: string, rows: number, columns: number): Float32Array {
  const matrix = new Float32Array(rows * columns);
  const picked = new Random(seed, name).permutation(columns).subarray(0, rows).sort();
  picked.forEach((column, row) => (matrix[row * columns + column] = Math.sqrt(columns / rows)));
  return matrix;
}
