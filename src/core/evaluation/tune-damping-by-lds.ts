/** @file Choosing a damping by measured subset outputs, on queries that are then not reported on (METHODS §1.4). */
import { Random } from '../base/random.ts';
import { makeMatrix, type Matrix } from '../linalg/matrix.ts';
import { linearDatamodelingScore } from './linear-datamodeling-score.ts';

export interface LdsTrial {
  readonly relative: number;
  /** LDS on the queries that choose. */
  readonly tuning: number;
  /** LDS on the other queries. */
  readonly reported: number;
}

export interface LdsTuning {
  readonly chosen: LdsTrial;
  /** The best `reported` of all trials: optimistic, because chosen on what it reports. */
  readonly optimistic: LdsTrial;
  readonly trials: readonly LdsTrial[];
}

/**
 * Tries each relative damping; `predict` gives the predicted subset outputs [subsets, queries] under it. A random
 * `tuningShare` of the queries chooses, the others report.
 */
export async function tuneDampingByLds(
  grid: readonly number[],
  predict: (relative: number) => Promise<Matrix>,
  measured: Matrix,
  options: { readonly tuningShare: number; readonly seed: number },
): Promise<LdsTuning> {
  const { tuningQueries, reportedQueries } = splitQueries(measured.columns, options);
  const trials: LdsTrial[] = [];
  for (const relative of grid) {
    const predicted = await predict(relative);
    const scoreOn = (queries: Int32Array): number =>
      linearDatamodelingScore(selectColumns(predicted, queries), selectColumns(measured, queries)).score;
    trials.push({ relative, tuning: scoreOn(tuningQueries), reported: scoreOn(reportedQueries) });
  }
  const best = (of: 'tuning' | 'reported'): LdsTrial =>
    trials.reduce((left, right) => (right[of] > left[of] ? right : left));
  return { chosen: best('tuning'), optimistic: best('reported'), trials };
}

/** Which of `count` queries choose and which report; each side has one at least. */
export function splitQueries(
  count: number,
  { tuningShare, seed }: { readonly tuningShare: number; readonly seed: number },
): { readonly tuningQueries: Int32Array; readonly reportedQueries: Int32Array } {
  const order = new Random(seed, 'lds tuning queries').permutation(count);
  const tuningCount = Math.min(count - 1, Math.max(1, Math.round(count * tuningShare)));
  return { tuningQueries: order.subarray(0, tuningCount), reportedQueries: order.subarray(tuningCount) };
}

export function selectColumns(matrix: Matrix, columns: Int32Array): Matrix {
  const data = new Float64Array(matrix.rows * columns.length);
  for (let row = 0; row < matrix.rows; row++) {
    for (const [place, index] of columns.entries()) {
      data[row * columns.length + place] = matrix.data[row * matrix.columns + index]!;
    }
  }
  return makeMatrix(matrix.rows, columns.length, data);
}
