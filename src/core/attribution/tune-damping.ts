/** @file Choosing the ridge's damping without retraining: by how well it predicts held-out margins. */
import { AppError } from '../base/app-error.ts';
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { factorise, solve } from '../linalg/cholesky.ts';
import { collectRows, gramOf, gramPrecision, reblock, type Gram, type RowBlocks } from '../linalg/gram.ts';
import { makeMatrix, toFloat64, trace, zeros64, type Matrix, type Matrix64 } from '../linalg/matrix.ts';
import type { GramPrecision, MatrixEngine } from '../linalg/matrix-engine.ts';
import { rowRange, widen } from '../linalg/rows.ts';
import { absoluteDamping, type Damping } from './preconditioner.ts';

export interface DampingTrial {
  readonly relative: number;
  /** Held-out squared error over the mean square of the targets: 1 is no better than predicting zero. */
  readonly error: number;
}

export interface TunedDamping {
  readonly damping: Damping;
  readonly trials: readonly DampingTrial[];
  /** ΦᵀΦ of all rows, for `fitPrimal`. */
  readonly gram: Gram;
}

export interface TuningOptions {
  readonly seed: number;
  readonly folds?: number;
  /** Relative dampings to try. */
  readonly grid?: readonly number[];
}

/** Half decades: the error is flat around its minimum, finer steps change nothing that can be measured. */
export const dampingGrid: readonly number[] = Array.from({ length: 13 }, (_, step) => 10 ** (-4 + step / 2));

/**
 * The largest damping whose error is within this factor of the least one is taken. What ranks subsets best lies above
 * what predicts margins best: the error is flat there, and a stronger ridge lets less projection noise through.
 */
const tolerance = 1.5;

/** A fold's rows are held in memory at once. */
const maximumFoldRows = 4096;

/**
 * The largest relative damping under which a ridge on the features still predicts held-out margins well. TRAK's linearised model says
 * that the margin is linear in the features; with too little damping the ridge fits the noise of the projection, with
 * too much it fits nothing, and both show on rows it has not seen (docs/methods/trak.md). `features` is opened once
 * per pass; `targets` are the margins f(z_i) of the same rows.
 */
export async function tuneDamping(
  features: () => RowBlocks,
  targets: Float64Array | Float32Array,
  engine: MatrixEngine,
  options: TuningOptions,
): Promise<TunedDamping> {
  const grid = options.grid ?? dampingGrid;
  const precision = gramPrecision(Math.min(...grid));
  const gram = await gramOf(features(), engine, precision);
  assert(gram.rowCount === targets.length, 'damping is tuned with one target per row');
  const products = await targetProducts(features(), targets, engine);
  const errors = grid.map(() => 0);
  const folds = drawFolds(gram.rowCount, options.folds ?? 3, options.seed);
  for (const fold of folds) {
    const problem = await withoutFold(features(), fold, targets, { gram, products, precision }, engine);
    for (const [index, relative] of grid.entries()) {
      errors[index]! += (await heldOutError(problem, relative, engine)) / folds.length;
    }
  }
  const trials = grid.map((relative, index) => ({ relative, error: errors[index]! }));
  const relative = chooseRelative(trials);
  return {
    damping: absoluteDamping(relative, trace(gram.product), gram.rowCount, gram.product.columns),
    trials,
    gram,
  };
}

/** The strongest damping within the tolerance of the least error. */
function chooseRelative(trials: readonly DampingTrial[]): number {
  const least = Math.min(...trials.map((trial) => trial.error));
  return Math.max(
    ...trials.filter((trial) => trial.error <= least * tolerance).map((trial) => trial.relative),
  );
}

/** Disjoint random sets of rows, each rising. */
function drawFolds(rowCount: number, folds: number, seed: number): Int32Array[] {
  const order = new Random(seed, 'damping folds').permutation(rowCount);
  const size = Math.max(1, Math.min(maximumFoldRows, Math.floor(rowCount / folds)));
  const count = Math.min(folds, Math.floor(rowCount / size));
  return Array.from({ length: count }, (_, fold) => order.slice(fold * size, (fold + 1) * size).sort());
}

/** Φᵀy, [k, 1]. */
async function targetProducts(
  features: RowBlocks,
  targets: Float64Array | Float32Array,
  engine: MatrixEngine,
): Promise<Matrix64> {
  let sum: Matrix64 | null = null;
  let firstRow = 0;
  for await (const block of reblock(features)) {
    const values = columnVector(targets.subarray(firstRow, firstRow + block.rows));
    const part = await engine.multiply(widen(block), values, { transposeA: true });
    sum = sum === null ? toFloat64(part) : combine(sum, part, 1);
    firstRow += block.rows;
  }
  assert(sum !== null, 'damping is tuned on at least one row');
  return sum;
}

interface NormalEquations {
  readonly gram: Gram;
  /** Φᵀy, [k, 1]. */
  readonly products: Matrix64;
}

interface HeldOutProblem extends NormalEquations {
  readonly features: Matrix;
  readonly targets: Float64Array;
}

/** The normal equations of all rows but the fold's, and the fold's rows to predict. */
async function withoutFold(
  features: RowBlocks,
  fold: Int32Array,
  targets: Float64Array | Float32Array,
  all: NormalEquations & { readonly precision: GramPrecision },
  engine: MatrixEngine,
): Promise<HeldOutProblem> {
  const held = await collectRows(selectRows(features, fold));
  const heldTargets = Float64Array.from(fold, (index) => targets[index]!);
  const heldGram = await gramOf([held], engine, all.precision);
  const heldProducts = await targetProducts([held], heldTargets, engine);
  return {
    features: held,
    targets: heldTargets,
    products: combine(all.products, heldProducts, -1),
    gram: {
      product: combine(all.gram.product, heldGram.product, -1),
      rowCount: all.gram.rowCount - held.rows,
    },
  };
}

async function* selectRows(features: RowBlocks, rising: Int32Array): AsyncGenerator<Matrix> {
  let firstRow = 0;
  let next = 0;
  for await (const block of features) {
    for (; next < rising.length && rising[next]! < firstRow + block.rows; next++) {
      yield widen(rowRange(block, rising[next]! - firstRow, 1));
    }
    firstRow += block.rows;
  }
}

/** Mean squared error over mean square; infinite where the damping cannot carry the factorisation. */
async function heldOutError(
  problem: HeldOutProblem,
  relative: number,
  engine: MatrixEngine,
): Promise<number> {
  const { gram, features, targets } = problem;
  const { absolute } = absoluteDamping(relative, trace(gram.product), gram.rowCount, features.columns);
  try {
    const factor = await factorise(gram.product, absolute, engine);
    const coefficients = await solve(factor, problem.products, engine);
    const predicted = await engine.multiply(features, coefficients);
    let error = 0;
    let scale = 0;
    for (let index = 0; index < targets.length; index++) {
      error += (predicted.data[index]! - targets[index]!) ** 2;
      scale += targets[index]! ** 2;
    }
    return scale === 0 ? 0 : error / scale;
  } catch (error) {
    if (error instanceof AppError && error.code === 'damping-too-small') return Infinity;
    throw error;
  }
}

/** a + sign · b as a new matrix. */
function combine(a: Matrix64, b: Matrix, sign: 1 | -1): Matrix64 {
  const sum = zeros64(a.rows, a.columns);
  for (let index = 0; index < sum.data.length; index++)
    sum.data[index] = a.data[index]! + sign * b.data[index]!;
  return sum;
}

function columnVector(values: Float64Array | Float32Array): Matrix64 {
  return makeMatrix(values.length, 1, Float64Array.from(values));
}
