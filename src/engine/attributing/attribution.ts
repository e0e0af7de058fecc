/** @file One attribution of a model: scores of any targets against everything that the model learned, by one method over one ensemble. */
import { AppError } from '../../core/base/app-error.ts';
import type { Damping } from '../../core/attribution/preconditioner.ts';
import { attributionMethods } from '../../core/attribution/registry.ts';
import type { AttributionChoices, AttributionCost } from '../../contract/attribution-choices.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { Connection } from '../storage/connection.ts';
import type { InfluenceRow } from '../storage/influences.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readRunPlan } from '../storage/runs.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { ComputeTools } from './compute-tools.ts';
import { EnsembleAttribution, type QueryScores } from './ensemble-attribution.ts';
import type { LabelledRow, LoadedModel } from './loaded-model.ts';
import type { MemberModel } from './member-model.ts';
import { prepareMembers } from './members/prepare-members.ts';
import { openMembers } from './open-members.ts';
import { partOf } from './progress-part.ts';

export interface Attribution {
  readonly model: LoadedModel;
  /** Of the first member; null where the method has none. */
  readonly damping: Damping | null;
  /** k: numbers per image that are compared. */
  readonly featureLength: number;
  /** What it has taken so far; members and features that were there already count what they took when they were made. */
  cost(): AttributionCost;
  /** For groups of targets in order, the blocks of the score matrix [targets × model.learned], block after block. */
  scores(targets: readonly LabelledRow[]): AsyncGenerator<QueryScores>;
  /** Score of every learned image for itself; and of held-out rows what they would have inside (`others`). */
  selfScores(others: readonly LabelledRow[]): Promise<InfluenceRow[]>;
  dispose(): Promise<void>;
}

/**
 * Makes the members and the features of what the model learned, or finds them where they were made before. Progress: until 0.5 here, from
 * there to 1 in `scores`.
 */
export async function openAttribution(
  folder: ProjectFolder,
  model: LoadedModel,
  choices: AttributionChoices,
  context: Pick<RunContext, 'signal' | 'progress'>,
  tools: ComputeTools,
): Promise<Attribution> {
  requireMeaningfulNormalisation(choices);
  const made = choices.ensemble === 'independent' && choices.models === 1 ? 0 : MAKING_SHARE;
  const models = await prepareMembers(folder, model, choices, partOf(context, 0, made), tools);
  return attributeWith(models, folder, model, choices, partOf(context, made, 1), tools);
}

/** Of the progress of an ensemble: making its members. */
const MAKING_SHARE = 0.4;

/** The same over these members. */
export async function attributeWith(
  models: readonly MemberModel[],
  folder: ProjectFolder,
  model: LoadedModel,
  choices: AttributionChoices,
  context: Pick<RunContext, 'signal' | 'progress'>,
  tools: ComputeTools,
): Promise<Attribution> {
  const method = attributionMethods[choices.method];
  const weightDecay = weightDecayOf(folder.connection, model.id);
  const work: AttributionWork = { folder, model, choices, context, tools, method, weightDecay };
  const members = await openMembers({ ...work, context: partOf(context, 0, 0.5) }, models);
  const attribution = new EnsembleAttribution(work, members);
  try {
    await attribution.fitFirst();
    return attribution;
  } catch (error) {
    await attribution.dispose();
    throw error;
  }
}

/** AdamW’s decay acts beside the loss, not in it. */
function weightDecayOf(connection: Connection, modelId: ModelId): number {
  const plan = readRunPlan(connection, readModel(connection, modelId).runId);
  return plan.kind === 'train' && plan.config.optimizer === 'sgd' ? plan.config.weightDecay : 0;
}

function requireMeaningfulNormalisation({ method, normalisation }: AttributionChoices): void {
  if (normalisation !== 'none' && attributionMethods[method].outputFunction === 'embedding')
    throw new AppError('normalisation-without-gradients', { method, normalisation });
}
