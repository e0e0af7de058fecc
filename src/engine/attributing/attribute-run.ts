/** @file The attribution run: which training images stand behind each target, the strongest of both signs kept. */
import { writeFileSync } from 'node:fs';
import { solvesEachRow } from '../../core/attribution/method.ts';
import { attributionMethods } from '../../core/attribution/registry.ts';
import type { Damping } from '../../core/attribution/preconditioner.ts';
import { TopInfluences } from '../../core/attribution/top-influences.ts';
import { dropoutPlaces } from '../../core/nn/dropout.ts';
import { withDropout } from '../../core/nn/insert-dropout.ts';
import type { AttributeConfig } from '../../contract/runs-service.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import {
  insertAttribution,
  saveAttributionCost,
  saveInfluences,
  saveSelfInfluences,
} from '../storage/influences.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { openAttribution, type Attribution } from './attribution.ts';
import { chooseTargets } from './choose-targets.ts';
import type { ComputeTools } from './compute-tools.ts';
import { dataHashOf, loadModel, type LabelledRow, type LoadedModel } from './loaded-model.ts';
import { NpyWriter } from './write-npy.ts';

/** Where scores go, block by block. */
interface Output {
  readonly folder: ProjectFolder;
  readonly attributionId: number;
  readonly topCount: number;
  readonly npy: NpyWriter | null;
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
    const attribution = await openAttribution(folder, model, config, context, tools);
    try {
      return await scoreTargets(folder, config, context, attribution, targets);
    } finally {
      await attribution.dispose();
    }
  } finally {
    model.pixels.close();
  }
}

async function scoreTargets(
  folder: ProjectFolder,
  config: AttributeConfig,
  context: RunContext,
  attribution: Attribution,
  targets: readonly LabelledRow[],
): Promise<RunSummary> {
  const { model } = attribution;
  const attributionId = insertAttribution(folder.connection, {
    runId: context.runId,
    modelId: model.id,
    choices: config,
    ...describeDamping(attribution.damping),
  });
  const output = { folder, attributionId, topCount: config.topCount };
  if (config.scoresPath === null) await scoreAll(attribution, targets, { ...output, npy: null });
  else {
    const npy = new NpyWriter(config.scoresPath, targets.length, model.learned.length);
    await npy.during(() => scoreAll(attribution, targets, { ...output, npy }));
    writeScoreIds(config.scoresPath, targets, model);
  }
  if (!solvesEachRow(attributionMethods[config.method])) {
    const own = await attribution.selfScores(heldOutTargets(model, targets));
    saveSelfInfluences(folder.connection, attributionId, own);
  }
  const cost = attribution.cost();
  saveAttributionCost(folder.connection, attributionId, cost);
  return {
    modelId: model.id,
    targets: targets.length,
    trainCount: model.learned.length,
    featureLength: attribution.featureLength,
    ...describeMasks(model, config),
    ...describeDamping(attribution.damping),
    ...cost,
  };
}

/** Targets of the train split that the model did not learn. */
function heldOutTargets(model: LoadedModel, targets: readonly LabelledRow[]): LabelledRow[] {
  const learned = new Set(model.learned.map((row) => row.sampleId));
  return targets.filter(
    ({ sampleId, row }) => model.samples[row]!.split === 'train' && !learned.has(sampleId),
  );
}

/** Where units were dropped, for a person; nothing where none were. */
function describeMasks(
  { classifier }: LoadedModel,
  { ensemble, dropoutRate }: AttributeConfig,
): { masks?: string } {
  if (ensemble !== 'dropout' && ensemble !== 'dropout-forward') return {};
  return { masks: dropoutPlaces(withDropout(classifier, dropoutRate)).join(', ') };
}

function describeDamping(damping: Damping | null): {
  damping: number | null;
  relativeDamping: number | null;
} {
  return { damping: damping?.absolute ?? null, relativeDamping: damping?.relative ?? null };
}

async function scoreAll(
  attribution: Attribution,
  targets: readonly LabelledRow[],
  output: Output,
): Promise<void> {
  const trainIds = attribution.model.learned.map((row) => row.sampleId);
  let top: TopInfluences | null = null;
  let firstRow = 0;
  for await (const { targets: rows, block } of attribution.scores(targets)) {
    const ids = rows.map((target) => target.sampleId);
    top ??= new TopInfluences(ids, trainIds, output.topCount);
    top.add(block);
    output.npy?.write(block.scores, { row: firstRow, column: block.firstRow });
    if (block.firstRow + block.scores.columns < trainIds.length) continue;
    const influences = top.result().map((entry, query) => ({ targetId: ids[query]!, ...entry }));
    saveInfluences(output.folder.connection, output.attributionId, influences);
    firstRow += ids.length;
    top = null;
  }
}

/** Beside the matrix: which image each row and each column is. */
function writeScoreIds(path: string, targets: readonly LabelledRow[], model: LoadedModel): void {
  const ids = {
    rows: targets.map((target) => target.sampleId),
    columns: model.learned.map((row) => row.sampleId),
  };
  writeFileSync(`${path}.json`, `${JSON.stringify(ids)}\n`);
}
