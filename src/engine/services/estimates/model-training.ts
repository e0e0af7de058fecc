/** @file How long the training of a model took: what further models of an ensemble, or trainings on subsets, will take. */
import type { ModelId } from '../../../contract/vocabulary.ts';
import type { Connection } from '../../storage/connection.ts';
import { readModel } from '../../storage/models.ts';
import { readRun, readRunPlan } from '../../storage/runs.ts';

/** Seconds of the model's own training, without its cross-validation; null where it was not trained here in one go. */
export function trainingSecondsOf(connection: Connection, modelId: ModelId | null): number | null {
  const { runId } = readModel(connection, modelId);
  const plan = readRunPlan(connection, runId);
  const { startedAt, finishedAt } = readRun(connection, runId);
  if (plan.kind !== 'train' || startedAt === null || finishedAt === null) return null;
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  // Each of k folds trains on all but a k-th of the images.
  return seconds / (1 + Math.max(0, plan.config.folds - 1));
}

/** Epochs of the model's own training; null where it was not trained here. */
export function epochsOf(connection: Connection, modelId: ModelId | null): number | null {
  const plan = readRunPlan(connection, readModel(connection, modelId).runId);
  return plan.kind === 'train' ? plan.config.epochs : null;
}
