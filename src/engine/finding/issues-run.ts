/**
 * @file The label-issue run: signals about every label, ranked by one of them or by their calibrated combination; how many labels of
 * each class are wrong; then, for every issue in the queue, the training images that pull it towards its given and towards its suggested label.
 */
import { confidentJoint, flagByNoiseRate, type ConfidentJoint } from '../../core/curation/confident-joint.ts';
import { combineEvidence } from '../../core/curation/combine-evidence.ts';
import { suggestedLabels } from '../../core/curation/class-probabilities.ts';
import { noiseMatrix } from '../../core/curation/noise-matrix.ts';
import { rankLabels, type LabelRanking } from '../../core/curation/rank-labels.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { NoiseMatrix } from '../../contract/findings-service.ts';
import type { IssuesConfig } from '../../contract/runs-service.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { loadModel } from '../attributing/loaded-model.ts';
import { openAttribution, type Attribution } from '../attributing/attribution.ts';
import { partOf } from '../attributing/progress-part.ts';
import { recipeOf } from '../evaluating/recipe.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { transact, type Connection } from '../storage/connection.ts';
import { lastEventId } from '../storage/event-log.ts';
import { findAttribution } from '../storage/influences.ts';
import { saveEvidence, saveIssueRun, saveNoise, type FoundIssue } from '../storage/issues.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { examineImages, type ExaminedImages } from './examined-images.ts';
import { findEvidence } from './find-evidence.ts';
import { gatherSignals, learnedRows } from './gather-signals.ts';
import { findMarginThreshold } from './margin-threshold.ts';

/** The evidence is always scored with this method. */
const EVIDENCE_METHOD = 'trak';
/** Share of the run's time that extra trainings take where they are asked for, roughly. */
const EXTRA_TRAINING = 0.8;

interface IssueWork {
  readonly folder: ProjectFolder;
  readonly config: IssuesConfig;
  readonly context: RunContext;
  readonly attribution: Attribution;
  readonly images: ExaminedImages;
  readonly tools: ComputeTools;
}

export async function issuesRun(
  folder: ProjectFolder,
  config: IssuesConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const modelId = pinModel(connection, context.runId, config.modelId);
  // Read before the labels: a decision made meanwhile answers this run's issues.
  const seenEventId = lastEventId(connection);
  const images = examineImages(connection, modelId);
  requireSameData(connection, context.runId, images.dataHash);
  const model = await loadModel(folder, modelId, context, tools.readPixels);
  try {
    await tools.settleProvider?.({ network: model.classifier, parameters: model.parameters });
    const settings = attributionChoicesOf(connection, modelId);
    const scoring = config.aumThreshold ? partOf(context, EXTRA_TRAINING, 1) : context;
    const attribution = await openAttribution(folder, model, settings, scoring, tools);
    try {
      return await findIssues({ folder, config, context, attribution, images, tools }, seenEventId);
    } finally {
      await attribution.dispose();
    }
  } finally {
    model.pixels.close();
  }
}

async function findIssues(work: IssueWork, seenEventId: number): Promise<RunSummary> {
  const { folder, config, context, attribution, images } = work;
  const { labelled } = images;
  const { method } = config;
  const joint = confidentJoint(labelled);
  const signals = await gatherSignals({ ...work, joint, ...config });
  const ranking = rankLabels(signals, method);
  const { flags, figures } = await flagImages(work, joint);
  const count = Math.floor(config.maximumShare * images.ids.length);
  const places = [...ranking.order.subarray(0, count)];
  const suggested = suggestedLabels(labelled);
  const doubts = places.map((place) => ({
    sampleId: images.ids[place]!,
    given: labelled.labels[place]!,
    suggested: suggested[place]!,
  }));
  const evidence = await findEvidence(attribution, doubts);
  const issues = places.map((place) => toIssue(images, ranking, place, suggested[place]!, flags));
  const modelId = attribution.model.id;
  const { probabilities, share: estimatedNoise } = combineEvidence(signals);
  const run = {
    runId: context.runId,
    modelId,
    method,
    estimatedNoise,
    seenEventId,
    evidenceMethod: EVIDENCE_METHOD,
  } as const;
  transact(folder.connection, () => {
    saveIssueRun(folder.connection, run, issues);
    saveNoise(folder.connection, context.runId, toCells(images, noiseMatrix(labelled, probabilities)));
    saveEvidence(folder.connection, context.runId, evidence);
  });
  const flagged = issues.filter((issue) => issue.flagged).length;
  return { modelId, examined: images.ids.length, issues: issues.length, flagged, estimatedNoise, ...figures };
}

/** 1: flagged by confident learning; where a threshold of the margin was asked for, by that. */
async function flagImages(
  { folder, config, context, attribution, images, tools }: IssueWork,
  joint: ConfidentJoint,
): Promise<{ flags: Uint8Array; figures: RunSummary }> {
  if (!config.aumThreshold) return { flags: flagByNoiseRate(images.labelled, joint), figures: {} };
  const { model } = attribution;
  const { flags, thresholds } = await findMarginThreshold(
    folder,
    { executor: tools.executor, recipe: recipeOf(folder, model), model, signal: context.signal },
    {
      ...learnedRows(images, model.samples.length),
      onProgress: (fraction) =>
        context.progress('Training with an extra class', EXTRA_TRAINING * fraction, {}),
    },
  );
  const aumThreshold = thresholds.reduce((sum, threshold) => sum + threshold, 0) / thresholds.length;
  return { flags, figures: { aumThreshold } };
}

function toCells({ classIds }: ExaminedImages, matrix: Float64Array): NoiseMatrix {
  const cells = Array.from(matrix, (count, cell) => ({
    given: classIds[Math.floor(cell / classIds.length)]!,
    truth: classIds[cell % classIds.length]!,
    count,
  }));
  return { cells: cells.filter((cell) => cell.count > 0) };
}

function toIssue(
  { ids, classIds, labelled }: ExaminedImages,
  { scores, percentiles }: LabelRanking,
  place: number,
  suggested: number,
  flags: Uint8Array,
): FoundIssue {
  const signals = Object.entries(percentiles).map(([name, values]) => [name, values[place]!] as const);
  return {
    sampleId: ids[place]!,
    score: scores[place]!,
    givenLabel: classIds[labelled.labels[place]!]!,
    suggestedLabel: classIds[suggested]!,
    signals: Object.fromEntries(signals.filter(([, value]) => !Number.isNaN(value))),
    flagged: flags[place] === 1,
  };
}

/** As the newest attribution of the model was made, so that its features are used again; the defaults where there is none. */
function attributionChoicesOf(connection: Connection, modelId: ModelId): AttributionChoices {
  const attribution = findAttribution(connection, modelId);
  if (attribution === null) return AttributionChoices.parse({ method: EVIDENCE_METHOD });
  const { choices } = attribution;
  const relativeDamping =
    choices.method === EVIDENCE_METHOD ? attribution.relativeDamping : choices.relativeDamping;
  return { ...choices, method: EVIDENCE_METHOD, relativeDamping };
}
