/**
 * @file Representer points (Yeh et al. 2018): the last layer, fitted again with an ℓ2 penalty until its gradient vanishes, is a sum over
 * training samples, W = Σᵢ αᵢ fᵢᵀ; so every logit is a sum of αᵢ[c]·fᵢᵀf over them.
 */
import type { CancelSignal } from '../../base/cancel-signal.ts';
import { zeros64, type Matrix64 } from '../../linalg/matrix.ts';
import type { MatrixEngine } from '../../linalg/matrix-engine.ts';
import type { Rows } from '../../linalg/rows.ts';
import { LastLayer, softmaxColumns, type LastLayerTask } from './last-layer.ts';
import { minimise } from './newton.ts';

export interface RepresenterPoints {
  /** W [classes, k], of logits W·f. */
  readonly weights: Matrix64;
  /** α [n, classes]: −(p − onehot) / (2λn). */
  readonly values: Float32Array;
  /** λ */
  readonly penalty: number;
}

/** The sum over training samples may miss a logit of the training set by this much. */
const LOGIT_TOLERANCE = 1e-4;

/** Refits the last layer of `task`. */
export async function fitRepresenterPoints(
  task: LastLayerTask,
  engine: MatrixEngine,
  signal?: CancelSignal,
): Promise<RepresenterPoints> {
  const layer = new LastLayer(task, engine, signal);
  // W − Σ αᵢ fᵢᵀ is the gradient over 2λ: a logit differs by at most its length times that of the longest row.
  const tolerance = (LOGIT_TOLERANCE * 2 * task.penalty) / (await layer.longestRow());
  const start = zeros64(task.classCount, await layer.columns());
  const { weights, here } = await minimise(layer, start, tolerance);
  return { weights, values: layer.representerValues(here), penalty: task.penalty };
}

/** α of one sample's class for rows that may not have been fitted, [rows]: (1 − p) / (2λn). */
export async function ownRepresenterValues(
  { weights, penalty, values }: RepresenterPoints,
  rows: Rows,
  classOfRow: ArrayLike<number>,
  engine: MatrixEngine,
): Promise<Float64Array> {
  const logits = await engine.multiply(weights, rows, { transposeB: true });
  const probabilities = softmaxColumns(logits.data, weights.rows).probabilities;
  const sampleCount = values.length / weights.rows;
  return Float64Array.from(
    { length: rows.rows },
    (_, row) => (1 - probabilities[classOfRow[row]! * rows.rows + row]!) / (2 * penalty * sampleCount),
  );
}
