/**
 * @file Curvature as Kronecker products, one per weight (K-FAC: Martens and Grosse 2015; convolutions: Grosse and Martens 2016), and with the
 * eigenvalues measured anew in that basis (EK-FAC: George et al. 2018; influence functions: Grosse et al. 2023).
 */
import { transpose, isFloat64, toFloat32, type Matrix, type Matrix64 } from '../../linalg/matrix.ts';
import type { MatrixEngine } from '../../linalg/matrix-engine.ts';
import { columnRange, setColumns, zerosAs } from '../../linalg/row-algebra.ts';
import { symmetricEigen } from '../../linalg/symmetric-eigen.ts';
import { dampingFrom, type MultiplyRows, type Regularisation } from './curvature-operator.ts';

/** Mean over samples of δδᵀ summed over places, and mean over samples and places of aaᵀ, of a weight's gradient G = Σ δaᵀ. */
export interface KroneckerFactors {
  /** [rows, rows] */
  readonly left: Matrix64;
  /** [columns, columns] */
  readonly right: Matrix64;
}

/** A block of the diagonal of the curvature: the entries of one weight seen as a matrix, or of what is no matrix. */
export interface CurvatureBlock {
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
  /** Eigenvectors as rows; null: the coordinates themselves, for what has a diagonal only. */
  readonly basis: KroneckerFactors | null;
  /** Λ [rows · columns]. */
  readonly eigenvalues: Float64Array;
}

/** K-FAC: the eigenvalues of S ⊗ A are the products of theirs. */
export function kroneckerBlock(offset: number, factors: KroneckerFactors): CurvatureBlock {
  const [left, right] = [symmetricEigen(factors.left), symmetricEigen(factors.right)];
  const eigenvalues = new Float64Array(left.values.length * right.values.length);
  for (const [row, a] of left.values.entries()) {
    for (const [column, b] of right.values.entries())
      eigenvalues[row * right.values.length + column] = Math.max(0, a) * Math.max(0, b);
  }
  return {
    offset,
    rows: left.values.length,
    columns: right.values.length,
    basis: { left: left.vectors, right: right.vectors },
    eigenvalues,
  };
}

export interface KroneckerInverse {
  /** Of all blocks together: their mean λ, weighed by their sizes; each has its own, a multiple of its own mean eigenvalue. */
  readonly regularisation: Regularisation;
  readonly solve: MultiplyRows;
}

/** v ↦ (F + (λ + weight decay)I)⁻¹v block by block, each in its eigenbasis. Coordinates that no block holds are left as zeros. */
export function kroneckerInverse(
  blocks: readonly CurvatureBlock[],
  { relativeDamping, weightDecay }: { readonly relativeDamping: number | null; readonly weightDecay: number },
  engine: MatrixEngine,
): KroneckerInverse {
  const inverses = blocks.map((block) => {
    const { eigenvalues } = block;
    const mean = eigenvalues.reduce((sum, value) => sum + value, 0) / eigenvalues.length;
    const damping = dampingFrom(mean, relativeDamping);
    const shift = damping.absolute + weightDecay;
    const inverse = eigenvalues.map((value) => (value + shift === 0 ? 0 : 1 / (value + shift)));
    return { damping, size: eigenvalues.length, multiply: blockProduct(block, inverse, engine) };
  });
  const size = inverses.reduce((sum, inverse) => sum + inverse.size, 0);
  const absolute = inverses.reduce((sum, { damping, size: own }) => sum + (damping.absolute * own) / size, 0);
  return {
    regularisation: { damping: { ...dampingFrom(0, relativeDamping), absolute }, weightDecay },
    solve: async (vectors) => {
      const solution = zerosAs(vectors);
      for (const [index, { offset, rows, columns }] of blocks.entries()) {
        const part = columnRange(vectors, offset, rows * columns);
        setColumns(solution, offset, await inverses[index]!.multiply(part));
      }
      return solution;
    },
  };
}

/** v ↦ Qᵀ·diag(scale)·Q·v for Q = left ⊗ right. */
function blockProduct(
  { rows, columns, basis }: CurvatureBlock,
  scale: Float64Array,
  engine: MatrixEngine,
): MultiplyRows {
  if (basis === null) return (vectors) => Promise.resolve(scaled(vectors, scale));
  const swappedScale = transpose({ rows, columns, data: scale }).data;
  const float32 = { left: toFloat32(basis.left), right: toFloat32(basis.right) };
  return async (vectors) => {
    const { left, right } = isFloat64(vectors) ? basis : float32;
    const count = vectors.rows;
    const tall = await engine.multiply(stacked(vectors, rows, columns), right, { transposeB: true });
    const swapped = await engine.multiply(swapEach(tall, rows, columns), left, { transposeB: true });
    const inverted = scaled(stackedBack(swapped, count), swappedScale);
    const straight = await engine.multiply(stacked(inverted, columns, rows), left);
    return stackedBack(await engine.multiply(swapEach(straight, columns, rows), right), count);
  };
}

/** [q, rows · columns] as [q · rows, columns]; nothing is copied. */
function stacked({ rows: count, data }: Matrix, rows: number, columns: number): Matrix {
  return { rows: count * rows, columns, data };
}

function stackedBack({ data }: Matrix, count: number): Matrix {
  return { rows: count, columns: data.length / count, data };
}

/** Each of the stacked matrices transposed: [q · rows, columns] → [q · columns, rows]. */
function swapEach(tall: Matrix, rows: number, columns: number): Matrix {
  const count = tall.rows / rows;
  const swapped = zerosAs(tall, count * columns, rows);
  for (let start = 0; start < tall.data.length; start += rows * columns) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++)
        swapped.data[start + column * rows + row] = tall.data[start + row * columns + column]!;
    }
  }
  return swapped;
}

function scaled(vectors: Matrix, scale: Float64Array): Matrix {
  const data = vectors.data.slice();
  for (let index = 0; index < data.length; index++) data[index]! *= scale[index % scale.length]!;
  return { ...vectors, data };
}
