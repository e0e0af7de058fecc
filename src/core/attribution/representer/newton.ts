/** @file Newton's method with conjugate gradients (Nocedal and Wright 2006, algorithm 7.1), for the strictly convex objective of a last layer. */
import { AppError } from '../../base/app-error.ts';
import { makeMatrix, type Matrix64 } from '../../linalg/matrix.ts';
import { mixInto } from '../../linalg/row-algebra.ts';
import type { Evaluation, LastLayer } from './last-layer.ts';

const MOST_STEPS = 60;
const MOST_INNER_STEPS = 200;

/** From `weights` to where the gradient is at most `tolerance` long. */
export async function minimise(
  layer: LastLayer,
  start: Matrix64,
  tolerance: number,
): Promise<{ readonly weights: Matrix64; readonly here: Evaluation }> {
  let weights = start;
  let here = await layer.evaluate(weights);
  for (let step = 0; length(here.gradient) > tolerance; step++) {
    if (step === MOST_STEPS) throw new AppError('representer-not-converged', { steps: MOST_STEPS });
    const direction = await solveNewton(layer, here);
    [weights, here] = await lineSearch(layer, weights, here, direction);
  }
  return { weights, here };
}

/** H⁻¹·(−gradient), as exactly as the step deserves. */
async function solveNewton(layer: LastLayer, here: Evaluation): Promise<Float64Array> {
  const start = length(here.gradient);
  const enough = start * Math.min(0.1, Math.sqrt(start));
  const solution = new Float64Array(here.gradient.length);
  const residual = here.gradient.map((value) => -value);
  let direction = residual.slice();
  let square = squaredLength(residual);
  for (let step = 0; step < MOST_INNER_STEPS && Math.sqrt(square) > enough; step++) {
    const product = await layer.curvatureTimes(direction, here);
    const factor = square / dot(direction, product);
    mixInto(solution, direction, { factor: factor });
    mixInto(residual, product, { factor: -factor });
    const next = squaredLength(residual);
    direction = direction.map((value, index) => residual[index]! + (next / square) * value);
    square = next;
  }
  return solution;
}

/** Halves the step until the objective falls as a step along its slope should. */
async function lineSearch(
  layer: LastLayer,
  weights: Matrix64,
  here: Evaluation,
  direction: Float64Array,
): Promise<[Matrix64, Evaluation]> {
  const slope = dot(here.gradient, direction);
  for (let size = 1; ; size /= 2) {
    const moved = weights.data.slice();
    mixInto(moved, direction, { factor: size });
    const candidate = makeMatrix(weights.rows, weights.columns, moved);
    const there = await layer.evaluate(candidate);
    // Next to the minimum the objective changes by less than it is rounded to; there the gradient tells.
    const falls = there.loss <= here.loss + 1e-4 * size * slope;
    if (falls || length(there.gradient) < length(here.gradient)) return [candidate, there];
    if (size < 1e-6) throw new AppError('representer-not-converged', { steps: MOST_STEPS });
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

function squaredLength(values: Float64Array): number {
  return dot(values, values);
}

function length(values: Float64Array): number {
  return Math.sqrt(squaredLength(values));
}
