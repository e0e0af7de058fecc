/**
 * @file The run that plants label errors and looks for them (METHODS §1.7): a share of the labels is made wrong in memory, the model is
 * trained on them by its own recipe, and each signal's ranking is held against what was planted. Labels that were wrong before
 * count as right: figures are a little lower than they would be on a clean set.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { confusionOf, plantErrors, type PlantedErrors } from '../../core/evaluation/plant-errors.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { EvaluateMislabelConfig } from '../../contract/evaluation-configs.ts';
import { TrainConfig } from '../../contract/runs-service.ts';
import { openAttribution } from '../attributing/attribution.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import { examineImages } from '../finding/examined-images.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { saveEvaluations } from '../storage/evaluations.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readRunPlan } from '../storage/runs.ts';
import { detectionEvaluations } from './detection-evaluations.ts';
import { withEvaluation, type EvaluationWork } from './evaluation-work.ts';
import { forgetPlanted, trainOnPlanted, type PlantedTraining } from './planted-training.ts';

/** Share of the run's time that training takes, roughly. */
const TRAINING = 0.8;

/** The labelled images of the train split. */
interface Candidates {
  readonly rows: Int32Array;
  /** Class index per candidate. */
  readonly labels: Int32Array;
}

export async function mislabelRun(
  folder: ProjectFolder,
  config: EvaluateMislabelConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  if (config.method === 'tracin' || config.ensemble === 'checkpoints')
    throw new AppError('usage-invalid', {
      reason: 'A training on planted errors keeps no checkpoints: take another method or ensemble',
    });
  return withEvaluation(folder, config, context, tools, async (work) => {
    const candidates = candidatesOf(work.model);
    const { labels, planted } = plant(work, config, candidates);
    const path = join(folder.cachePath, 'planted', hashOf(work.model, config, candidates, labels));
    const training = await train(work, { rows: candidates.rows, labels }, path);
    const choices = AttributionChoices.parse(config);
    const selfInfluence = await selfInfluenceOf(work, choices, training, candidates.rows);
    const evaluations = detectionEvaluations({
      modelId: work.model.id,
      choices,
      signals: { ...training.signals, 'self-influence': selfInfluence },
      planted,
    });
    saveEvaluations(folder.connection, context.runId, evaluations);
    forgetPlanted(path);
    return summarize(work.model, evaluations);
  });
}

function candidatesOf({ samples, classIds }: LoadedModel): Candidates {
  const indexOfClass = new Map(classIds.map((classId, index) => [classId, index]));
  const rows: number[] = [];
  const labels: number[] = [];
  for (const [row, { split, label }] of samples.entries()) {
    const index = label === null ? undefined : indexOfClass.get(label);
    if (split !== 'train' || index === undefined) continue;
    rows.push(row);
    labels.push(index);
  }
  return { rows: Int32Array.from(rows), labels: Int32Array.from(labels) };
}

/** Class-dependent errors follow what the model's folds said before anything was planted. */
function plant(
  { folder, model }: EvaluationWork,
  { share, seed, noise }: EvaluateMislabelConfig,
  { labels }: Candidates,
): PlantedErrors {
  const classCount = model.classIds.length;
  if (Math.round(share * labels.length) < 1)
    throw new AppError('labels-missing', {
      reason: `${labels.length} labelled images are too few to plant errors`,
    });
  if (noise === 'uniform') return plantErrors(labels, { classCount, share, seed, confusion: null });
  const { labelled } = examineImages(folder.connection, model.id);
  const confusion = confusionOf(labelled.labels, labelled.probabilities, classCount);
  return plantErrors(labels, { classCount, share, seed, confusion });
}

function train(
  { folder, model, retraining, tools, context }: EvaluationWork,
  { rows, labels }: Candidates,
  path: string,
): Promise<PlantedTraining> {
  const ofRow = new Int32Array(model.samples.length).fill(-1);
  for (const [place, row] of rows.entries()) ofRow[row] = labels[place]!;
  const onProgress = (fraction: number): void =>
    context.progress('Training on planted errors', TRAINING * fraction, {});
  return trainOnPlanted({
    executor: tools.executor,
    matrixEngine: tools.matrixEngine,
    recipe: retraining.recipe,
    model,
    learned: { rows, labels: ofRow, onProgress },
    foldCount: foldsOf(folder, model),
    path,
    signal: context.signal,
  });
}

/** As many folds as the model was validated with; the default where it was not. */
function foldsOf(folder: ProjectFolder, { id }: LoadedModel): number {
  const plan = readRunPlan(folder.connection, readModel(folder.connection, id).runId);
  const folds = plan.kind === 'train' ? plan.config.folds : 0;
  return folds === 0 ? TrainConfig.parse({}).folds : folds;
}

/** Of every candidate, all of which the planted model learned. */
async function selfInfluenceOf(
  { folder, model, context, tools }: EvaluationWork,
  choices: AttributionChoices,
  { parameters, labelled }: PlantedTraining,
  rows: Int32Array,
): Promise<Float64Array> {
  const learned = Array.from(rows, (row, place) => ({
    sampleId: model.samples[row]!.id,
    row,
    classIndex: labelled.labels[place]!,
  }));
  const parametersSha256 = createHash('sha256').update(parameters).digest('hex');
  const plantedModel = { ...model, parameters, parametersSha256, learned };
  const part = partOf(context, TRAINING, 1);
  const attribution = await openAttribution(folder, plantedModel, choices, part, tools);
  try {
    const scores = await attribution.selfScores([]);
    return Float64Array.from(scores, ({ score }) => score);
  } finally {
    await attribution.dispose();
  }
}

function hashOf(
  { parametersSha256 }: LoadedModel,
  { noise, share, seed }: EvaluateMislabelConfig,
  { rows }: Candidates,
  labels: Int32Array,
): string {
  const hash = createHash('sha256').update(JSON.stringify({ parametersSha256, noise, share, seed }));
  return hash.update(rows).update(labels).digest('hex');
}

function summarize({ id }: LoadedModel, evaluations: ReturnType<typeof detectionEvaluations>): RunSummary {
  const areas = evaluations.map(({ title, score }) => [title, score] as const);
  return { modelId: id, ...evaluations[0]!.figures, ...Object.fromEntries(areas) };
}
