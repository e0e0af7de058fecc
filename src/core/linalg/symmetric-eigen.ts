/**
 * @file All eigenvalues and eigenvectors of a symmetric matrix in float64: Householder reflections to a tridiagonal matrix, then the implicit QL
 * iteration (Golub and Van Loan, Matrix Computations, §8.3). Vectors are kept as rows, so that every inner loop runs along memory.
 */
import { assert } from '../base/assert.ts';
import { zeros64, type Matrix64 } from './matrix.ts';

export interface Eigenpairs {
  /** Falling. */
  readonly values: Float64Array;
  /** Row i belongs to value i; orthonormal. */
  readonly vectors: Matrix64;
}

/** QL finds an eigenvalue in two or three steps; more than this many means that the matrix holds no numbers. */
const MOST_STEPS = 60;

/** Reads the lower triangle of `matrix` [n, n] and leaves it as it is. About 9·n³ operations. */
export function symmetricEigen(matrix: Matrix64): Eigenpairs {
  const order = matrix.rows;
  assert(matrix.columns === order, 'only a square matrix has eigenvectors');
  const { diagonal, below, vectors } = tridiagonalise(matrix);
  // What is rounding beside the whole matrix couples nothing: where it is singular, neighbours may be rounding as well.
  const negligible = Number.EPSILON * largestOf(diagonal, below);
  for (let index = 0; index < order; index++) isolate(index, { diagonal, below, vectors }, negligible);
  return sorted(diagonal, vectors);
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** below[i] stands between i and i + 1; the last is 0. */
  readonly below: Float64Array;
  /** Qᵀ with A = Q·T·Qᵀ. */
  readonly vectors: Matrix64;
}

/** A reflection I − factor·v·vᵀ; v is zero up to its place. */
interface Reflection {
  readonly vector: Float64Array;
  readonly factor: number;
}

function tridiagonalise(matrix: Matrix64): Tridiagonal {
  const order = matrix.rows;
  const work = matrix.data.slice();
  const below = new Float64Array(order);
  const reflections: Reflection[] = [];
  for (let place = 0; place + 1 < order; place++) {
    const vector = new Float64Array(order);
    for (let row = place + 1; row < order; row++) vector[row] = work[row * order + place]!;
    const length = norm(vector);
    const lead = vector[place + 1]!;
    below[place] = lead > 0 ? -length : length;
    vector[place + 1] = lead - below[place]!;
    const squared = vector.reduce((sum, value) => sum + value * value, 0);
    const factor = squared > 0 ? 2 / squared : 0;
    reflections.push({ vector, factor });
    if (factor > 0) reflect(work, order, place + 1, vector, factor);
  }
  const diagonal = Float64Array.from({ length: order }, (_, index) => work[index * order + index]!);
  return { diagonal, below, vectors: productOf(reflections, order) };
}

function norm(vector: Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}

/** The lower triangle from `start` on: A ← H·A·H = A − v·wᵀ − w·vᵀ. */
function reflect(work: Float64Array, order: number, start: number, v: Float64Array, factor: number): void {
  const w = new Float64Array(order);
  for (let row = start; row < order; row++) {
    const [base, own] = [row * order, v[row]!];
    let sum = work[base + row]! * own;
    for (let column = start; column < row; column++) {
      sum += work[base + column]! * v[column]!;
      w[column]! += work[base + column]! * own;
    }
    w[row]! += sum;
  }
  let along = 0;
  for (let row = start; row < order; row++) {
    w[row]! *= factor;
    along += w[row]! * v[row]!;
  }
  for (let row = start; row < order; row++) w[row]! -= 0.5 * factor * along * v[row]!;
  for (let row = start; row < order; row++) {
    const [base, a, b] = [row * order, v[row]!, w[row]!];
    for (let column = start; column <= row; column++) work[base + column]! -= a * w[column]! + b * v[column]!;
  }
}

/** Qᵀ, Q being the product of the reflections: from the last one back, so that what is still the identity is left alone. */
function productOf(reflections: readonly Reflection[], order: number): Matrix64 {
  const product = zeros64(order, order);
  const { data } = product;
  for (let index = 0; index < order; index++) data[index * order + index] = 1;
  for (let place = reflections.length - 1; place >= 0; place--) {
    const { vector, factor } = reflections[place]!;
    for (let row = place + 1; row < order; row++) {
      const base = row * order;
      let along = 0;
      for (let column = place + 1; column < order; column++) along += data[base + column]! * vector[column]!;
      along *= factor;
      for (let column = place + 1; column < order; column++) data[base + column]! -= along * vector[column]!;
    }
  }
  return product;
}

function largestOf(diagonal: Float64Array, below: Float64Array): number {
  return diagonal.reduce(
    (most, value, index) => Math.max(most, Math.abs(value) + Math.abs(below[index]!)),
    0,
  );
}

/** QL steps with implicit shifts until nothing couples `index` to what follows it. */
function isolate(index: number, { diagonal, below, vectors }: Tridiagonal, negligible: number): void {
  for (let step = 0; ; step++) {
    let end = index;
    while (end + 1 < below.length && !(Math.abs(below[end]!) <= negligible)) end++;
    if (end === index) return;
    assert(step < MOST_STEPS, 'an eigenvalue was not found: the matrix holds something that is not a number');
    sweep(index, end, diagonal, below, vectors);
  }
}

function sweep(from: number, end: number, d: Float64Array, e: Float64Array, vectors: Matrix64): void {
  // Wilkinson's shift: the eigenvalue of the leading 2 × 2 block that is nearer to its corner.
  const half = (d[from + 1]! - d[from]!) / (2 * e[from]!);
  const reach = Math.hypot(half, 1);
  let along = d[end]! - d[from]! + e[from]! / (half + (half < 0 ? -reach : reach));
  let [sine, cosine, moved] = [1, 1, 0];
  for (let place = end - 1; place >= from; place--) {
    const [bulge, kept] = [sine * e[place]!, cosine * e[place]!];
    const length = Math.hypot(bulge, along);
    e[place + 1] = length;
    if (length === 0) {
      d[place + 1]! -= moved;
      e[end] = 0;
      return;
    }
    [sine, cosine] = [bulge / length, along / length];
    const shifted = d[place + 1]! - moved;
    const turned = (d[place]! - shifted) * sine + 2 * cosine * kept;
    moved = sine * turned;
    d[place + 1] = shifted + moved;
    along = cosine * turned - kept;
    rotateRows(vectors, place, cosine, sine);
  }
  d[from]! -= moved;
  e[from] = along;
  e[end] = 0;
}

/** Rows `row` and `row + 1`, turned against each other. */
function rotateRows({ data, columns }: Matrix64, row: number, cosine: number, sine: number): void {
  const upper = data.subarray(row * columns, (row + 1) * columns);
  const lower = data.subarray((row + 1) * columns, (row + 2) * columns);
  for (let column = 0; column < columns; column++) {
    const [a, b] = [upper[column]!, lower[column]!];
    lower[column] = sine * a + cosine * b;
    upper[column] = cosine * a - sine * b;
  }
}

function sorted(diagonal: Float64Array, { data, columns }: Matrix64): Eigenpairs {
  const order = Int32Array.from(diagonal, (_, index) => index).sort((a, b) => diagonal[b]! - diagonal[a]!);
  const vectors = zeros64(columns, columns);
  for (const [place, index] of order.entries())
    vectors.data.set(data.subarray(index * columns, (index + 1) * columns), place * columns);
  return { values: Float64Array.from(order, (index) => diagonal[index]!), vectors };
}
