/**
 * @file A model made ready to score: the features of what it learned from in a store, the preconditioner fitted to them, the
 * weights. Attribution and label issues both start here, and share the store.
 */
import { createHash } from 'node:crypto';
import { AppError } from '../../core/base/app-error.ts';
import { attributionMethods } from '../../core/attribution/registry.ts';
import { neededArtifacts, type AttributionMethod } from '../../core/attribution/method.ts';
import {
  fitPrimal,
  identityPreconditioner,
  type Damping,
  type Preconditioner,
} from '../../core/attribution/preconditioner.ts';
import { withUnitLength, type ScoringMember } from '../../core/attribution/score-queries.ts';
import { tuneDamping } from '../../core/attribution/tune-damping.ts';
import { gramOf, gramPrecision } from '../../core/linalg/gram.ts';
import { makeMatrix, type Matrix } from '../../core/linalg/matrix.ts';
import type { Rows } from '../../core/linalg/rows.ts';
import { unitRows } from '../../core/linalg/unit-rows.ts';
import type { Projection } from '../../core/nn/projection.ts';
import type { AttributeConfig } from '../../contract/runs-service.ts';
import { FeatureStore } from '../artifacts/feature-store.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ComputeTools } from './compute-tools.ts';
import { FeatureComputer, marginsFrom, sideColumns } from './compute-features.ts';
import type { LabelledRow, LoadedModel } from './loaded-model.ts';

export type ScoringConfig = Pick<
  AttributeConfig,
  'method' | 'projection' | 'projectionSize' | 'relativeDamping' | 'seed'
>;

/** Features up to this size are kept in memory while many queries pass. */
const MEMORY_BYTES = 512 * 2 ** 20;

export interface Scoring {
  readonly model: LoadedModel;
  readonly method: AttributionMethod;
  readonly computer: FeatureComputer;
  readonly projection: Projection;
  /** Features of `model.learned`, in its order. */
  readonly train: FeatureStore;
  readonly trainBlocks: () => Iterable<Rows>;
  readonly preconditioner: Preconditioner;
  /** Q = 1 − p of each learned image where the method weighs them; else null. */
  readonly weights: Float32Array | null;
  readonly damping: Damping | null;
  dispose(): Promise<void>;
}

/** `onProgress` hears how many of the learned images have features. */
export async function prepareScoring(
  featuresPath: string,
  model: LoadedModel,
  config: ScoringConfig,
  tools: ComputeTools,
  { signal, progress }: Pick<RunContext, 'signal' | 'progress'>,
): Promise<Scoring> {
  const method = attributionMethods[config.method];
  const needed = neededArtifacts(method);
  const projection = projectionOf(method, config);
  if (method.outputFunction !== 'embedding') requireShortRows(projection, model.classifier.parameterCount);
  const computer = new FeatureComputer(tools.executor, model, {
    outputFunction: method.outputFunction,
    projection,
  });
  try {
    const train = await openFeatures(featuresPath, { model, method, projection, computer }, model.learned);
    await fillFeatures(train, computer, model.learned, signal, (count) =>
      progress('Gradients of the training images', (0.5 * count) / model.learned.length, { images: count }),
    );
    const storedBlocks = blocksOf(train);
    const trainBlocks = (): Iterable<Rows> => asCompared(method, storedBlocks());
    progress('Fitting the preconditioner', 0.5, {});
    const preconditioner = needed.damping
      ? await fitRidge(train, trainBlocks, config, tools)
      : identityPreconditioner(tools.matrixEngine);
    return {
      model,
      method,
      computer,
      projection,
      train,
      trainBlocks,
      preconditioner,
      weights: needed.residuals ? train.side('residuals') : null,
      damping: preconditioner.damping,
      dispose: () => computer.dispose(),
    };
  } catch (error) {
    await computer.dispose();
    throw error;
  }
}

/** Embeddings are not shortened: whatever was asked for, they are the same. */
function projectionOf(
  { outputFunction }: AttributionMethod,
  { projection: kind, projectionSize: size, seed }: ScoringConfig,
): Projection {
  return outputFunction === 'embedding' ? { kind: 'none', size: 0, seed: 0 } : { kind, size, seed };
}

/** A Gram matrix of longer rows would take more than 2 GB. */
const LONGEST_ROW = 16_384;

function requireShortRows({ kind }: Projection, parameters: number): void {
  if (kind === 'none' && parameters > LONGEST_ROW)
    throw new AppError('gradients-too-long', { parameters, longest: LONGEST_ROW });
}

/** The store of these rows' features, addressed by everything that they depend on; not filled yet. */
export async function openFeatures(
  featuresPath: string,
  scoring: Pick<Scoring, 'model' | 'method' | 'projection' | 'computer'>,
  rows: readonly LabelledRow[],
): Promise<FeatureStore> {
  const { model, method, projection, computer } = scoring;
  return FeatureStore.open(featuresPath, {
    model: model.parametersSha256,
    outputFunction: method.outputFunction,
    projection,
    dataVersion: dataVersionOf(model, rows),
    rowIds: rows.map((row) => row.sampleId),
    columns: await computer.columns(),
    sideColumns: [...sideColumns],
    dtype: 'float16',
  });
}

/** Computes what is missing or damaged. */
export function fillFeatures(
  store: FeatureStore,
  computer: FeatureComputer,
  rows: readonly LabelledRow[],
  signal: AbortSignal,
  onProgress: (rowsDone: number) => void,
): Promise<void> {
  store.discardDamaged();
  return store.fill(({ from, to }) => computer.compute(rows.slice(from, to), signal), { signal, onProgress });
}

/** These query features, as they were computed, against the scoring's training features. */
export function memberOf(scoring: Scoring, queries: Matrix): ScoringMember {
  const compared = scoring.method.featureLength === 'unit' ? unitRows(queries) : queries;
  return { preconditioner: scoring.preconditioner, queries: compared, train: scoring.trainBlocks() };
}

/** Features of a store in the length in which the method compares them. */
export function asCompared({ featureLength }: AttributionMethod, blocks: Iterable<Rows>): Iterable<Rows> {
  return featureLength === 'unit' ? withUnitLength(blocks) : blocks;
}

async function fitRidge(
  train: FeatureStore,
  trainBlocks: () => Iterable<Rows>,
  config: ScoringConfig,
  { matrixEngine }: ComputeTools,
): Promise<Preconditioner> {
  if (config.relativeDamping !== null)
    return fitPrimal(
      await gramOf(trainBlocks(), matrixEngine, gramPrecision(config.relativeDamping)),
      config.relativeDamping,
      matrixEngine,
    );
  const margins = marginsFrom(train.side('losses'), train.side('residuals'));
  const tuned = await tuneDamping(trainBlocks, margins, matrixEngine, { seed: config.seed });
  return fitPrimal(tuned.gram, tuned.damping.relative, matrixEngine);
}

/** Opens the rows again and again: from memory where they fit, else from disk. */
function blocksOf(store: FeatureStore): () => Iterable<Rows> {
  if (store.rowCount * store.columns * 2 > MEMORY_BYTES) return () => store.blocks();
  const blocks = [...store.blocks()];
  return () => blocks;
}

function dataVersionOf(
  { samples, pixels, normalization }: LoadedModel,
  rows: readonly LabelledRow[],
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ size: pixels.size, channels: pixels.channels, normalization }));
  for (const { row, classIndex } of rows) hash.update(`${samples[row]!.sha256} ${classIndex}\n`);
  return hash.digest('hex');
}

/** A stretch of computed rows as a matrix. */
export function toMatrix(features: Float32Array, rowCount: number): Matrix {
  return makeMatrix(rowCount, features.length / rowCount, features);
}
