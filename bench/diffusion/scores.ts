/** @file Scores of every training image for every query, by methods that take them from features of one model of a study. */
import { fitPreconditioner, identityPreconditioner } from '../../src/core/attribution/preconditioner.ts';
import { meanWeights, scoreQueries } from '../../src/core/attribution/score-queries.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import { zeros64, type Matrix64 } from '../../src/core/linalg/matrix.ts';
import { unitRows } from '../../src/core/linalg/unit-rows.ts';
import type { DenoiserQuantity } from '../../src/engine/generating/denoiser-features.ts';
import type { QuerySet } from '../../src/engine/generating/query-set.ts';
import { studyFeatures } from './features.ts';
import type { StudyModels } from './study.ts';

/** Relative damping: what d-trak finds good for generated images. */
const DAMPING = 0.1;
const PROJECTION = 2048;
const TIMESTEPS = 10;

export interface ScoredBy {
  /** What is differentiated, or compared. */
  readonly output: DenoiserQuantity['outputFunction'];
  /** Through the damped inverse of the kernel; else the cosine. */
  readonly kernel: boolean;
  /** By the mean residual of each training image (DAS). */
  readonly weigh: boolean;
}

/** [queries, training images] */
export async function studyScores(
  models: StudyModels,
  parameters: Float32Array,
  queries: QuerySet,
  engine: MatrixEngine,
  { output, kernel, weigh }: ScoredBy,
): Promise<Matrix64> {
  const projection = kernel
    ? ({ kind: 'fold', size: PROJECTION, seed: 0 } as const)
    : ({ kind: 'none', size: 0, seed: 0 } as const);
  const timesteps = output === 'pixels' ? 1 : TIMESTEPS;
  const features = await studyFeatures(models, parameters, queries, output, timesteps, projection);
  const train = kernel ? features.train : unitRows(features.train);
  const preconditioner = kernel
    ? await fitPreconditioner([train], DAMPING, engine, { rows: train.rows, columns: train.columns })
    : identityPreconditioner(engine);
  const prepared = await preconditioner.prepare(kernel ? features.queries : unitRows(features.queries));
  const all = zeros64(queries.keys.length, train.rows);
  const weights = weigh ? meanWeights([features.residuals]) : null;
  for await (const { firstRow, scores } of scoreQueries([{ queries: prepared, train: [train] }], weights))
    for (let query = 0; query < scores.rows; query++)
      for (let column = 0; column < scores.columns; column++)
        all.data[query * all.columns + firstRow + column] = scores.data[query * scores.columns + column]!;
  return all;
}
