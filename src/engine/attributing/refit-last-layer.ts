/** @file The last layer of a model, fitted again to its stored embeddings for representer points. */
import type { Damping } from '../../core/attribution/preconditioner.ts';
import { squaredRowLengths } from '../../core/attribution/preconditioner.ts';
import {
  fitRepresenterPoints,
  type RepresenterPoints,
} from '../../core/attribution/representer/representer-points.ts';
import { collectRows, type RowBlocks } from '../../core/linalg/gram.ts';
import { toFloat64 } from '../../core/linalg/matrix.ts';
import { widen } from '../../core/linalg/rows.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { ReadableFeatures } from './member-features.ts';

export interface RefitLayer {
  readonly points: RepresenterPoints;
  readonly classCount: number;
  /** λ, and as a multiple of the mean non-zero eigenvalue of the mean of ffᵀ. */
  readonly damping: Damping;
}

/** The strength that the method is known for, where nothing else is asked for. */
const USUAL_PENALTY = 0.003;
/** Embeddings up to this size are widened once instead of in every pass. */
const MEMORY_BYTES = 128 * 2 ** 20;

export async function refitLastLayer(
  { model, choices, tools, context }: AttributionWork,
  features: ReadableFeatures,
): Promise<RefitLayer> {
  const { learned } = model;
  const meanEigenvalue =
    (await meanSquaredLength(features.train())) / Math.min(learned.length, features.columns);
  const penalty = choices.relativeDamping === null ? USUAL_PENALTY : choices.relativeDamping * meanEigenvalue;
  const classCount = model.classifier.outputCount;
  const points = await fitRepresenterPoints(
    {
      features: await manyPasses(features, learned.length),
      classOfRow: Int32Array.from(learned, (row) => row.classIndex),
      classCount,
      penalty,
    },
    tools.matrixEngine,
    context.signal,
  );
  return { points, classCount, damping: { absolute: penalty, relative: penalty / meanEigenvalue } };
}

async function manyPasses(features: ReadableFeatures, rowCount: number): Promise<() => RowBlocks> {
  if (rowCount * features.columns * 8 > MEMORY_BYTES) return () => features.train();
  const whole = toFloat64(await collectRows(features.train()));
  return () => [whole];
}

async function meanSquaredLength(blocks: RowBlocks): Promise<number> {
  let sum = 0;
  let count = 0;
  for await (const block of blocks) {
    sum += squaredRowLengths(widen(block)).reduce((total, length) => total + length, 0);
    count += block.rows;
  }
  return sum / count;
}
