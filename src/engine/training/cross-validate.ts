/**
 * @file Out-of-sample probabilities: the training images are split into folds, and each fold is predicted by a model that learned
 * from the others. A finished fold is kept as a file, so that a stopped run goes on with the first one that is missing.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor } from '../../core/execution/executor.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { predictRows } from './predict.ts';
import { trainClassifier } from './train-classifier.ts';
import type { TrainingTask } from './training-task.ts';
import { assignFolds } from './training-set.ts';

export interface CrossValidationTask extends Omit<
  TrainingTask,
  'stream' | 'checkpointPath' | 'validationRows' | 'trainRows' | 'onBatch' | 'onEpoch'
> {
  /** All rows that get a prediction. */
  readonly rows: Int32Array;
  readonly foldCount: number;
  /** Folder of checkpoints and finished folds; null: nothing is kept. */
  readonly path: string | null;
  readonly onBatch?: (fold: number, progress: { epoch: number; fraction: number; loss: number }) => void;
  readonly onEpoch?: (fold: number, metrics: Parameters<NonNullable<TrainingTask['onEpoch']>>[0]) => void;
}

export interface CrossValidation {
  /** Fold of each of the task's rows. */
  readonly folds: Int32Array;
  /** [rows, classes] */
  readonly probabilities: Float32Array;
}

export async function crossValidate(executor: Executor, task: CrossValidationTask): Promise<CrossValidation> {
  const { rows, foldCount } = task;
  const classCount = task.classifier.config.classCount;
  const folds = assignFolds(rows, task.labels, foldCount, task.settings.seed);
  const probabilities = new Float32Array(rows.length * classCount);
  for (let fold = 0; fold < foldCount; fold++) {
    const found = await doFold(executor, task, fold, folds);
    let next = 0;
    for (const [place, itsFold] of folds.entries()) {
      if (itsFold !== fold) continue;
      const row = found.subarray(next * classCount, (next + 1) * classCount);
      probabilities.set(row, place * classCount);
      next++;
    }
  }
  return { folds, probabilities };
}

/** Probabilities of the fold's rows in their order, from file where the fold was finished before. */
async function doFold(
  executor: Executor,
  task: CrossValidationTask,
  fold: number,
  folds: Int32Array,
): Promise<Float32Array> {
  const name = task.path === null ? null : join(task.path, `fold-${fold}`);
  const held = task.rows.filter((_, place) => folds[place] === fold);
  const wanted = held.length * task.classifier.config.classCount;
  const kept = name === null ? null : readProbabilities(`${name}.f32`, wanted);
  if (kept !== null) return kept;
  const { parameters } = await trainClassifier(executor, {
    ...task,
    trainRows: task.rows.filter((_, place) => folds[place] !== fold),
    validationRows: new Int32Array(0),
    stream: `fold ${fold}`,
    checkpointPath: name === null ? null : `${name}.checkpoint`,
    onBatch: (progress) => task.onBatch?.(fold, progress),
    onEpoch: (metrics) => task.onEpoch?.(fold, metrics),
  });
  const { probabilities } = await predictRows(executor, { ...pick(task), parameters, rows: held });
  if (name !== null) {
    writeFileWhole(`${name}.f32`, [new Uint8Array(probabilities.buffer)]);
    rmSync(`${name}.checkpoint`, { force: true });
  }
  return probabilities;
}

function pick({
  classifier,
  pixels,
  normalization,
  signal,
}: CrossValidationTask): Pick<CrossValidationTask, 'classifier' | 'pixels' | 'normalization' | 'signal'> {
  return { classifier, pixels, normalization, signal };
}

function readProbabilities(path: string, length: number): Float32Array | null {
  if (!existsSync(path)) return null;
  const bytes = Uint8Array.from(readFileSync(path));
  return bytes.length === length * 4 ? new Float32Array(bytes.buffer) : null;
}
