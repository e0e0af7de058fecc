/** @file The curvature of the training loss as something that vectors can be multiplied by, and what is known of it from that alone. */
import type { Random } from '../../base/random.ts';
import type { Matrix } from '../../linalg/matrix.ts';
import { rowProducts, zerosAs } from '../../linalg/row-algebra.ts';
import type { Damping } from '../preconditioner.ts';

/** v ↦ H·v for every row v of a matrix [q, p]. */
export type MultiplyRows = (vectors: Matrix) => Promise<Matrix>;

/** H [p, p], symmetric and positive semidefinite: the mean over training samples of the Gauss–Newton matrix of the loss. */
export interface CurvatureOperator {
  /** p */
  readonly size: number;
  /** The largest rank that H can have: p, or less where there are few samples. */
  readonly largestRank: number;
  readonly multiply: MultiplyRows;
}

/** What stands on the diagonal beside H: the weight decay that was trained with, and λ. */
export interface Regularisation {
  readonly damping: Damping;
  readonly weightDecay: number;
}

/** λ where nothing is said, as a multiple of the mean non-zero eigenvalue: what Kronecker-factored influence is known for (METHODS §6.3). */
export const defaultRelativeDamping = 0.1;

/** λ = λ_rel · tr(H) / rank. */
export async function dampingOf(
  operator: CurvatureOperator,
  relative: number | null,
  random: Random,
): Promise<Damping> {
  const mean = (await estimateTrace(operator, random)) / operator.largestRank;
  return dampingFrom(mean, relative);
}

/** λ from the mean non-zero eigenvalue. */
export function dampingFrom(meanEigenvalue: number, relative: number | null): Damping {
  const chosen = relative ?? defaultRelativeDamping;
  return { relative: chosen, absolute: chosen * meanEigenvalue };
}

/** Random signs a at a time: E[aᵀHa] = tr(H) (Hutchinson 1989). */
const PROBES = 16;
/** At most this many numbers of probes are held at once. */
const PROBE_NUMBERS = 2 ** 24;

async function estimateTrace({ size, multiply }: CurvatureOperator, random: Random): Promise<number> {
  const atOnce = Math.max(1, Math.min(PROBES, Math.floor(PROBE_NUMBERS / size)));
  let sum = 0;
  for (let from = 0; from < PROBES; from += atOnce) {
    const rows = Math.min(atOnce, PROBES - from);
    const probes = { rows, columns: size, data: new Float32Array(rows * size).map(() => random.sign()) };
    sum += rowProducts(probes, await multiply(probes)).reduce((total, value) => total + value, 0);
  }
  return sum / PROBES;
}

/** A little below the largest eigenvalue, by the power method. */
export async function largestEigenvalue(
  { size, multiply }: Pick<CurvatureOperator, 'size' | 'multiply'>,
  random: Random,
  steps = 20,
): Promise<number> {
  let vector: Matrix = { rows: 1, columns: size, data: new Float32Array(size).map(() => random.normal()) };
  let value = 0;
  for (let step = 0; step < steps; step++) {
    const length = Math.sqrt(rowProducts(vector, vector)[0]!);
    if (length === 0) return 0;
    const unit = zerosAs(vector);
    for (let index = 0; index < size; index++) unit.data[index] = vector.data[index]! / length;
    vector = await multiply(unit);
    value = rowProducts(unit, vector)[0]!;
  }
  return value;
}
