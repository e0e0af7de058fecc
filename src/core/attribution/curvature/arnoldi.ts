/** @file The leading eigenpairs of a curvature from one Krylov space (Arnoldi 1951; influence functions: Schioppa et al. 2022). */
import type { Random } from '../../base/random.ts';
import { zeros64, type Matrix } from '../../linalg/matrix.ts';
import type { MatrixEngine } from '../../linalg/matrix-engine.ts';
import { mixInto, rowOf, rowProducts, zerosAs } from '../../linalg/row-algebra.ts';
import { symmetricEigen } from '../../linalg/symmetric-eigen.ts';
import type { CurvatureOperator, MultiplyRows } from './curvature-operator.ts';

export interface LeadingEigenpairs {
  /** Falling, positive. */
  readonly values: Float64Array;
  /** [values, p]; orthonormal. */
  readonly vectors: Matrix;
}

export interface ArnoldiOptions {
  /** Products with H, which is also the dimension of the space. */
  readonly iterations: number;
  readonly random: Random;
  readonly engine: MatrixEngine;
  readonly precision?: 'float32' | 'float64';
}

/** What is left of a vector outside the space, relative to its length, from which on it is rounding. */
const INVARIANT = { float32: 1e-5, float64: 1e-12 } as const;
/** Below this share of the largest value an eigenvalue is noise. */
const LEAST_SHARE = 1e-7;

/** Orthonormalised twice against the whole basis, so that rounding finds no direction a second time. */
export async function leadingEigenpairs(
  { size, multiply }: CurvatureOperator,
  { iterations, random, engine, precision = 'float32' }: ArnoldiOptions,
): Promise<LeadingEigenpairs> {
  const count = Math.min(iterations, size);
  const data = precision === 'float64' ? new Float64Array(count * size) : new Float32Array(count * size);
  const basis: Matrix = { rows: count, columns: size, data };
  const projected = zeros64(count, count);
  for (let index = 0; index < size; index++) data[index] = random.normal();
  scaleToOne(rowOf(basis, 0));
  let found = 1;
  for (; ; found++) {
    const next = await multiply(firstRows(basis, found, found - 1));
    const before = Math.sqrt(rowProducts(next, next)[0]!);
    const known = firstRows(basis, found);
    for (let pass = 0; pass < 2; pass++) {
      const along = await engine.multiply(next, known, { transposeB: true });
      for (let row = 0; row < found; row++) {
        projected.data[(found - 1) * count + row]! += along.data[row]!;
        mixInto(next.data, rowOf(basis, row), { factor: -along.data[row]! });
      }
    }
    const rest = Math.sqrt(rowProducts(next, next)[0]!);
    if (found === count || rest <= INVARIANT[precision] * before) break;
    rowOf(basis, found).set(next.data);
    scaleToOne(rowOf(basis, found));
  }
  return ritzPairs(firstRows(basis, found), projected.data, count, engine);
}

/** Rows [from, count) as a view. */
function firstRows({ columns, data }: Matrix, count: number, from = 0): Matrix {
  return { rows: count - from, columns, data: data.subarray(from * columns, count * columns) };
}

function scaleToOne(vector: Matrix['data']): void {
  let sum = 0;
  for (const value of vector) sum += value * value;
  mixInto(vector, vector, { keep: 0, factor: 1 / Math.sqrt(sum) });
}

/** Eigenpairs of H within the space; H is symmetric, so what rounding made of it is made symmetric again. */
async function ritzPairs(
  basis: Matrix,
  projected: Float64Array,
  stride: number,
  engine: MatrixEngine,
): Promise<LeadingEigenpairs> {
  const count = basis.rows;
  const symmetric = zeros64(count, count);
  for (let row = 0; row < count; row++) {
    // Row r holds H·q_r's coordinates; those beyond r + 1 were not reached yet and are zero but for rounding.
    for (let column = 0; column <= row; column++) {
      const near = projected[row * stride + column]!;
      symmetric.data[row * count + column] = near;
      symmetric.data[column * count + row] = near;
    }
  }
  const { values, vectors } = symmetricEigen(symmetric);
  const kept = values.filter((value) => value > LEAST_SHARE * values[0]!).length;
  const coordinates = zerosAs(basis, kept, count);
  coordinates.data.set(vectors.data.subarray(0, kept * count));
  return { values: values.slice(0, kept), vectors: await engine.multiply(coordinates, basis) };
}

/** v ↦ Σ ⟨v, e⟩e / (value + shift): the inverse on the leading directions; what lies across them is dropped. */
export function inverseOnLeading(
  { values, vectors }: LeadingEigenpairs,
  shift: number,
  engine: MatrixEngine,
): MultiplyRows {
  return async (rows) => {
    const along = await engine.multiply(rows, vectors, { transposeB: true });
    for (let row = 0; row < along.rows; row++) {
      const coordinates = rowOf(along, row);
      for (const [index, value] of values.entries()) coordinates[index]! /= value + shift;
    }
    return engine.multiply(along, vectors);
  };
}
