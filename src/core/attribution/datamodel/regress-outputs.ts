/** @file What each cluster adds to the outputs of perturbed models: ridge regression of the outputs on the masks (METHODS §4.4). */
import { assert } from '../../base/assert.ts';
import { factorise, solve } from '../../linalg/cholesky.ts';
import { toFloat64, transpose, zeros64, trace, type Matrix64 } from '../../linalg/matrix.ts';
import type { MatrixEngine } from '../../linalg/matrix-engine.ts';

/**
 * W [q, C] with outputs − control ≈ W·(mask − 1): positive where the cluster raises a query's output. `masks` [B, C]; `changes` [B, q]: output under
 * the mask minus that of the control, which has every cluster; so there is no constant to be fitted. `relativeDamping` is a share of the mean
 * eigenvalue of the masks' Gram matrix. With one mask for each single cluster left out and no damping, W is minus the change.
 */
export async function regressOutputs(
  masks: Matrix64,
  changes: Matrix64,
  relativeDamping: number,
  engine: MatrixEngine,
): Promise<Matrix64> {
  assert(masks.rows === changes.rows, 'each mask has its outputs');
  const absent: Matrix64 = { ...masks, data: masks.data.map((part) => part - 1) };
  const gram = toFloat64(await engine.multiply(absent, absent, { transposeA: true }));
  const damping = (relativeDamping * trace(gram)) / masks.columns;
  const factor = await factorise(gram, damping, engine);
  const products = await engine.multiply(absent, changes, { transposeA: true });
  return transpose(await solve(factor, products, engine));
}

/** W [q, C] from masks that leave out one cluster each, in order: minus the change. */
export function effectsOfLeavingOut(changes: Matrix64): Matrix64 {
  const effects = zeros64(changes.columns, changes.rows);
  for (let cluster = 0; cluster < changes.rows; cluster++)
    for (let query = 0; query < changes.columns; query++)
      effects.data[query * changes.rows + cluster] = -changes.data[cluster * changes.columns + query]!;
  return effects;
}
