/** @file The attribution run: which training images stand behind each target, the strongest of both signs kept. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { Damping } from '../../core/attribution/preconditioner.ts';
import { scoreQueries, type ScoreBlock } from '../../core/attribution/score-queries.ts';
import { TopInfluences } from '../../core/attribution/top-influences.ts';
import type { Matrix } from '../../core/linalg/matrix.ts';
import { widen, type Rows } from '../../core/linalg/rows.ts';
import type { AttributeConfig } from '../../contract/runs-service.ts';
import type { FeatureStore } from '../artifacts/feature-store.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { insertAttribution, saveInfluences, saveSelfInfluences } from '../storage/influences.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { hashSamples } from '../training/training-set.ts';
import { chooseTargets } from './choose-targets.ts';
import type { ComputeTools } from './compute-tools.ts';
import { loadModel, type LabelledRow, type LoadedModel } from './loaded-model.ts';
import { fillFeatures, memberOf, openFeatures, prepareScoring, toMatrix, type Scoring } from './scoring.ts';
import { selfScores } from './self-scores.ts';
import { NpyWriter } from './write-npy.ts';

/** Some targets with their features. */
interface QueryBlock {
  readonly targets: readonly LabelledRow[];
  readonly queries: Matrix;
}

/** Where scores go, block by block. */
interface Output {
  readonly folder: ProjectFolder;
  readonly attributionId: number;
  readonly topCount: number;
  readonly npy: NpyWriter | null;
  /** Place of each target in the order of sample ids. */
  readonly placeOfTarget: ReadonlyMap<number, number>;
}

export async function attributeRun(
  folder: ProjectFolder,
  config: AttributeConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const modelId = pinModel(folder.connection, context.runId, config.modelId);
  const model = await loadModel(folder, modelId, context, tools.readPixels);
  try {
    requireSameData(folder.connection, context.runId, dataHashOf(model));
    await tools.settleProvider?.({ network: model.classifier, parameters: model.parameters });
    const targets = await chooseTargets(model, config.targets, tools.executor, context.signal);
    const scoring = await prepareScoring(folder.featuresPath, model, config, tools, context);
    try {
      return await scoreTargets(folder, config, context, scoring, targets);
    } finally {
      await scoring.dispose();
    }
  } finally {
    model.pixels.close();
  }
}

function dataHashOf({ parametersSha256, samples }: LoadedModel): string {
  return createHash('sha256')
    .update(parametersSha256 + hashSamples(samples))
    .digest('hex');
}

async function scoreTargets(
  folder: ProjectFolder,
  config: AttributeConfig,
  context: RunContext,
  scoring: Scoring,
  targets: readonly LabelledRow[],
): Promise<RunSummary> {
  const { model, damping } = scoring;
  // Targets that the model learned under the same class have their features already.
  const learnedClass = new Map(model.learned.map((row) => [row.sampleId, row.classIndex]));
  const others = targets.filter((target) => learnedClass.get(target.sampleId) !== target.classIndex);
  const otherStore = others.length === 0 ? null : await fillOthers(folder, context, scoring, others);
  const attributionId = insertAttribution(folder.connection, {
    runId: context.runId,
    modelId: model.id,
    method: config.method,
    ...describeDamping(damping),
  });
  const placeOfTarget = new Map(targets.map((target, place) => [target.sampleId, place]));
  const blocks = queryBlocks(scoring, otherStore, others, placeOfTarget);
  const output = { folder, attributionId, topCount: config.topCount, placeOfTarget };
  if (config.scoresPath === null) await scoreAll(context, scoring, { ...output, npy: null }, blocks);
  else {
    const npy = new NpyWriter(config.scoresPath, targets.length, model.learned.length);
    await npy.during(() => scoreAll(context, scoring, { ...output, npy }, blocks));
    writeScoreIds(config.scoresPath, targets, model);
  }
  saveSelfInfluences(folder.connection, attributionId, await selfScores(scoring, otherStore, others));
  return {
    modelId: model.id,
    targets: targets.length,
    trainCount: model.learned.length,
    featureLength: scoring.train.columns,
    ...describeDamping(damping),
  };
}

function describeDamping(damping: Damping | null): {
  damping: number | null;
  relativeDamping: number | null;
} {
  return { damping: damping?.absolute ?? null, relativeDamping: damping?.relative ?? null };
}

async function fillOthers(
  folder: ProjectFolder,
  context: RunContext,
  scoring: Scoring,
  others: readonly LabelledRow[],
): Promise<FeatureStore> {
  const store = await openFeatures(folder.featuresPath, scoring, others);
  await fillFeatures(store, scoring.computer, others, context.signal, (count) =>
    context.progress('Gradients of the other images', 0.5 + (0.25 * count) / others.length, {
      images: count,
    }),
  );
  return store;
}

/** The wanted targets with their features: first those that the model learned, then the others. */
function* queryBlocks(
  scoring: Scoring,
  otherStore: FeatureStore | null,
  others: readonly LabelledRow[],
  wanted: ReadonlyMap<number, number>,
): Generator<QueryBlock> {
  const isOther = new Set(others.map((row) => row.sampleId));
  yield* alignBlocks(
    scoring.trainBlocks(),
    scoring.model.learned,
    (row) => wanted.has(row.sampleId) && !isOther.has(row.sampleId),
  );
  if (otherStore !== null) yield* alignBlocks(otherStore.blocks(), others, () => true);
}

/** Cuts `rows` as the blocks are cut, and leaves out those that are not wanted. */
function* alignBlocks(
  blocks: Iterable<Rows>,
  rows: readonly LabelledRow[],
  isWanted: (row: LabelledRow) => boolean,
): Generator<QueryBlock> {
  let from = 0;
  for (const stored of blocks) {
    const block = widen(stored);
    const kept: LabelledRow[] = [];
    const data = new Float32Array(block.data.length);
    for (const [place, row] of rows.slice(from, from + block.rows).entries()) {
      if (!isWanted(row)) continue;
      const features = block.data.subarray(place * block.columns, (place + 1) * block.columns);
      data.set(features, kept.length * block.columns);
      kept.push(row);
    }
    from += block.rows;
    const used = data.subarray(0, kept.length * block.columns);
    if (kept.length > 0) yield { targets: kept, queries: toMatrix(used, kept.length) };
  }
}

async function scoreAll(
  context: RunContext,
  scoring: Scoring,
  output: Output,
  blocks: Iterable<QueryBlock>,
): Promise<void> {
  const trainIds = scoring.model.learned.map((row) => row.sampleId);
  const total = output.placeOfTarget.size;
  let done = 0;
  for (const { targets, queries } of blocks) {
    const ids = targets.map((target) => target.sampleId);
    const top = new TopInfluences(ids, trainIds, output.topCount);
    for await (const block of scoreQueries([memberOf(scoring, queries)], scoring.weights)) {
      throwIfCancelled(context.signal);
      top.add(block);
      writeScores(output, ids, block);
    }
    const influences = top.result().map((entry, query) => ({ targetId: ids[query]!, ...entry }));
    saveInfluences(output.folder.connection, output.attributionId, influences);
    done += ids.length;
    context.progress('Scoring', 0.75 + (0.25 * done) / total, { images: done });
  }
}

function writeScores({ npy, placeOfTarget }: Output, ids: readonly number[], block: ScoreBlock): void {
  npy?.write(
    block.scores,
    ids.map((id) => placeOfTarget.get(id)!),
    block.firstRow,
  );
}

/** Beside the matrix: which image each row and each column is. */
function writeScoreIds(path: string, targets: readonly LabelledRow[], model: LoadedModel): void {
  const ids = {
    rows: targets.map((target) => target.sampleId),
    columns: model.learned.map((row) => row.sampleId),
  };
  writeFileSync(`${path}.json`, `${JSON.stringify(ids)}\n`);
}
