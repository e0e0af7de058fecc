/** @file A denoiser's own recipe, to train it again: on other images, or from other seeds. */
import { createHash } from 'node:crypto';
import { AppError } from '../../core/base/app-error.ts';
import type { TrainDenoiserConfig } from '../../contract/generation-configs.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readRunPlan } from '../storage/runs.ts';
import type { LoadedDenoiser } from './loaded-denoiser.ts';
import { settingsOf } from './train-denoiser-run.ts';
import type { DenoiserTask } from './train-denoiser.ts';

export interface Retraining {
  /** Rows of the model's images that are learned. */
  readonly rows: Int32Array;
  readonly stream: string;
  readonly initialStream: string;
}

/** The stream of the first parameters of a model itself: trainings that share it start where it started. */
export const modelStream = 'main';

export interface PreparedRetraining {
  readonly config: TrainDenoiserConfig;
  readonly task: Omit<DenoiserTask, 'checkpointPath'>;
  /** Of everything that the parameters depend on. */
  readonly hash: string;
}

export function retrainingOf(
  { connection }: Pick<ProjectFolder, 'connection'>,
  model: LoadedDenoiser,
  { rows, stream, initialStream }: Retraining,
): PreparedRetraining {
  const plan = readRunPlan(connection, model.runId);
  if (plan.kind !== 'train-denoiser')
    throw new AppError('model-cannot-retrain', { modelId: model.id, reason: 'it was trained elsewhere' });
  const { denoiser, description, images, samples, learned } = model;
  const labels = new Int32Array(samples.length).fill(-1);
  for (const { row, classIndex } of learned) labels[row] = classIndex;
  const settings = settingsOf(plan.config);
  const hash = createHash('sha256').update(JSON.stringify({ description, settings, stream, initialStream }));
  for (const row of rows) hash.update(`${row} ${samples[row]!.sha256} ${labels[row]!}\n`);
  return {
    config: plan.config,
    task: { denoiser, origin: description, images, rows, labels, settings, stream, initialStream },
    hash: hash.digest('hex'),
  };
}
