/** @file The inverse of a damped curvature as the matrix between two gradients. */
import { makeMatrix, type Matrix } from '../../linalg/matrix.ts';
import type { MatrixEngine } from '../../linalg/matrix-engine.ts';
import { mixInto, rowProducts, zerosAs } from '../../linalg/row-algebra.ts';
import { rowRange, widen, type Rows } from '../../linalg/rows.ts';
import { solvedQueries, type Preconditioner } from '../preconditioner.ts';
import type { MultiplyRows, Regularisation } from './curvature-operator.ts';

export interface CurvaturePreconditionerOptions extends Pick<Regularisation, 'damping'> {
  /** n: how many samples the curvature is a mean of. */
  readonly sampleCount: number;
  /** v ↦ (H + λI)⁻¹v for the rows v. */
  readonly solve: MultiplyRows;
  /** As many rows as `solve` should get at once. */
  readonly rowsAtOnce: number;
  readonly engine: MatrixEngine;
}

/**
 * P = (H + λI)⁻¹ / n: ψᵀPφ is how much the query's loss would rise, to first order, if the training sample were taken out (Koh and Liang 2017,
 * §2.1). Rows of blocks are solved anew where their own scores or lengths are asked for.
 */
export function curvaturePreconditioner({
  damping,
  sampleCount,
  solve,
  rowsAtOnce,
  engine,
}: CurvaturePreconditionerOptions): Preconditioner {
  const solveAll = async (rows: Matrix): Promise<Matrix> => {
    const solution = zerosAs(rows);
    for (let from = 0; from < rows.rows; from += rowsAtOnce) {
      const some = rowRange(rows, from, Math.min(rowsAtOnce, rows.rows - from)) as Matrix;
      solution.data.set((await solve(some)).data, from * rows.columns);
    }
    mixInto(solution.data, solution.data, { keep: 0, factor: 1 / sampleCount });
    return solution;
  };
  const solveBlock = async (block: Rows): Promise<readonly [Matrix, Matrix]> => {
    const rows = widen(block);
    return [rows, await solveAll(makeMatrix(rows.rows, rows.columns, rows.data))];
  };
  return {
    damping,
    prepare: async (queries) => solvedQueries(await solveAll(queries), engine),
    selfScores: async (block) => rowProducts(...(await solveBlock(block))),
    solvedLengths: async (block) => {
      const [, solution] = await solveBlock(block);
      return rowProducts(solution, solution).map(Math.sqrt);
    },
  };
}
