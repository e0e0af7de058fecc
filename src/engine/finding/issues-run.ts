/**
 * @file The label-issue run: confident learning on out-of-sample probabilities and self-influence, put together by rank; then,
 * for every issue in the queue, the training images that pull it towards its given and towards its suggested label.
 */
import { confidentJoint, estimateNoise, flagByNoiseRate } from '../../core/curation/confident-joint.ts';
import { suggestedLabels } from '../../core/curation/class-probabilities.ts';
import type { LabelIssueRanking } from '../../core/curation/rank-label-issues.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { IssuesConfig } from '../../contract/runs-service.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { loadModel, type LoadedModel } from '../attributing/loaded-model.ts';
import { openAttribution, type Attribution } from '../attributing/attribution.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { transact, type Connection } from '../storage/connection.ts';
import { lastEventId } from '../storage/events.ts';
import { findAttribution } from '../storage/influences.ts';
import { saveEvidence, saveIssueRun, type FoundIssue } from '../storage/issues.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readRunPlan } from '../storage/runs.ts';
import { examineImages, type ExaminedImages } from './examined-images.ts';
import { findEvidence } from './find-evidence.ts';
import { neighbourSignal } from './neighbour-signal.ts';
import { rankSuspicion } from './rank-suspicion.ts';
import { selfInfluenceSignal } from './self-influence-signal.ts';

/** The evidence is always scored with this method. */
const EVIDENCE_METHOD = 'trak';

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
    const attribution = await openAttribution(folder, model, settings, context, tools);
    try {
      return await findIssues({ folder, config, context, attribution, images, seenEventId, tools });
    } finally {
      await attribution.dispose();
    }
  } finally {
    model.pixels.close();
  }
}

async function findIssues(work: {
  readonly folder: ProjectFolder;
  readonly config: IssuesConfig;
  readonly context: RunContext;
  readonly attribution: Attribution;
  readonly images: ExaminedImages;
  readonly seenEventId: number;
  readonly tools: ComputeTools;
}): Promise<RunSummary> {
  const { folder, context, attribution, images, seenEventId, tools } = work;
  const { model } = attribution;
  const { labelled } = images;
  const selfInfluence = await selfInfluenceSignal(folder, attribution, images);
  const rows = rowsOf(images, model);
  const neighbours = await neighbourSignal(model, rows, labelled.labels, tools, context.signal);
  const ranking = rankSuspicion(labelled, selfInfluence, neighbours);
  const joint = confidentJoint(labelled);
  const estimatedNoise = estimateNoise(joint).share;
  const count = Math.floor(work.config.maximumShare * images.ids.length);
  const places = [...ranking.order.subarray(0, count)];
  const suggested = suggestedLabels(labelled);
  const evidence = await findEvidence(
    attribution,
    places.map((place) => ({
      sampleId: images.ids[place]!,
      given: labelled.labels[place]!,
      suggested: suggested[place]!,
    })),
  );
  const flags = flagByNoiseRate(labelled, joint);
  const issues = places.map((place) =>
    toIssue(images, ranking, place, suggested[place]!, flags[place] === 1),
  );
  const modelId = model.id;
  const run = {
    runId: context.runId,
    modelId,
    method: work.config.method,
    estimatedNoise,
    seenEventId,
    evidenceMethod: EVIDENCE_METHOD,
  } as const;
  transact(folder.connection, () => {
    saveIssueRun(folder.connection, run, issues);
    saveEvidence(folder.connection, context.runId, evidence);
  });
  const flagged = issues.filter((issue) => issue.flagged).length;
  return { modelId, examined: images.ids.length, issues: issues.length, flagged, estimatedNoise };
}

/** Rows of the model's pixel source. */
function rowsOf(images: ExaminedImages, model: LoadedModel): Int32Array {
  const rowOfSample = new Map(model.samples.map((sample, row) => [sample.id, row]));
  return Int32Array.from(images.ids, (id) => rowOfSample.get(id)!);
}

function toIssue(
  { ids, classIds, labelled }: ExaminedImages,
  { scores, percentiles }: LabelIssueRanking,
  place: number,
  suggested: number,
  flagged: boolean,
): FoundIssue {
  const signals = Object.entries(percentiles).map(([name, values]) => [name, values[place]!]);
  return {
    sampleId: ids[place]!,
    score: scores[place]!,
    givenLabel: classIds[labelled.labels[place]!]!,
    suggestedLabel: classIds[suggested]!,
    signals: Object.fromEntries(signals) as Record<string, number>,
    flagged,
  };
}

/** As the newest attribution of the model was made, so that its features are used again; the defaults where there is none. */
function attributionChoicesOf(connection: Connection, modelId: ModelId): AttributionChoices {
  const attribution = findAttribution(connection, modelId);
  const plan = attribution === null ? null : readRunPlan(connection, attribution.runId);
  const config = plan?.kind === 'attribute' ? plan.config : AttributionChoices.parse({});
  const relativeDamping =
    attribution?.method === EVIDENCE_METHOD ? attribution.relativeDamping : config.relativeDamping;
  return { ...config, method: EVIDENCE_METHOD, relativeDamping };
}
