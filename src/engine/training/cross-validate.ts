/**
 * @file Out-of-sample probabilities: the training images are split into folds, and each fold is predicted by a model that learned
 * from the others; the mean over its epochs is taken, because early epochs have not yet learned the wrong labels by heart, and
 * what single epochs got wrong averages out. A finished fold is kept as a file, so that a stopped run goes on with the first one that is missing.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { emptyDynamics, type ObservedTraining } from '../../core/curation/training-dynamics.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { predictRows } from './predict.ts';
import { trainClassifier } from './train-classifier.ts';
import type { TrainingTask } from './training-task.ts';
import { assignFolds } from './training-set.ts';

export interface CrossValidationTask extends Omit<
  TrainingTask,
  'stream' | 'checkpointPath' | 'validationRows' | 'trainRows' | 'afterEpoch' | 'onBatch' | 'onEpoch'
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
  /** What each fold's training saw of the images that it learned from; places are those of the task's rows. */
  readonly observed: readonly ObservedTraining[];
}

export async function crossValidate(executor: Executor, task: CrossValidationTask): Promise<CrossValidation> {
  const { rows, foldCount } = task;
  const classCount = task.classifier.outputCount;
  const folds = assignFolds(rows, task.labels, foldCount, task.settings.seed);
  const probabilities = new Float32Array(rows.length * classCount);
  const observed: ObservedTraining[] = [];
  for (let fold = 0; fold < foldCount; fold++) {
    const found = await doFold(executor, task, fold, folds);
    let next = 0;
    for (const [place, itsFold] of folds.entries()) {
      if (itsFold !== fold) continue;
      const row = found.probabilities.subarray(next * classCount, (next + 1) * classCount);
      probabilities.set(row, place * classCount);
      next++;
    }
    const places = Int32Array.from(folds.keys()).filter((place) => folds[place] !== fold);
    observed.push({ places, sums: found.sums, epochCount: task.epochLimit ?? task.settings.epochs });
  }
  return { folds, probabilities, observed };
}

/** Probabilities of the fold's rows in their order, and what its training saw; from file where the fold was finished before. */
async function doFold(
  executor: Executor,
  task: CrossValidationTask,
  fold: number,
  folds: Int32Array,
): Promise<{ probabilities: Float32Array; sums: Float32Array }> {
  const name = task.path === null ? null : join(task.path, `fold-${fold}`);
  const rows = task.rows.filter((_, place) => folds[place] === fold);
  const epochs = new EpochPredictions(name, rows.length * task.classifier.outputCount);
  const trainRows = task.rows.filter((_, place) => folds[place] !== fold);
  const kept = name === null ? null : readFloats(`${name}.f32`, epochs.length);
  const keptSums =
    name === null ? null : readFloats(`${name}.dynamics.f32`, emptyDynamics(trainRows.length).length);
  if (kept !== null && keptSums !== null) return { probabilities: kept, sums: keptSums };
  const { epochCount, observed } = await trainClassifier(executor, {
    ...task,
    trainRows,
    validationRows: new Int32Array(0),
    stream: `fold ${fold}`,
    checkpointPath: name === null ? null : `${name}.checkpoint`,
    afterEpoch: async (epoch, parameters) => {
      const { probabilities } = await predictRows(executor, { ...pick(task), parameters, rows });
      epochs.put(epoch, probabilities);
    },
    onBatch: (progress) => task.onBatch?.(fold, progress),
    onEpoch: (metrics) => task.onEpoch?.(fold, metrics),
  });
  const probabilities = epochs.mean(epochCount);
  if (name !== null) {
    writeFileWhole(`${name}.dynamics.f32`, [bytesOf(observed.sums)]);
    writeFileWhole(`${name}.f32`, [bytesOf(probabilities)]);
    rmSync(`${name}.checkpoint`, { force: true });
  }
  return { probabilities, sums: observed.sums };
}

/** What the model of a fold said after each epoch; kept beside its checkpoint, where there is one. */
class EpochPredictions {
  /** Probabilities per epoch. */
  readonly length: number;
  readonly #name: string | null;
  readonly #known = new Map<number, Float32Array>();

  constructor(name: string | null, length: number) {
    this.#name = name;
    this.length = length;
  }

  put(epoch: number, probabilities: Float32Array): void {
    this.#known.set(epoch, probabilities);
    if (this.#name !== null) writeFileWhole(this.#file(epoch), [bytesOf(probabilities)]);
  }

  mean(epochCount: number): Float32Array<ArrayBuffer> {
    const sums = new Float64Array(this.length);
    for (let epoch = 0; epoch < epochCount; epoch++) {
      const probabilities = this.#get(epoch);
      for (let index = 0; index < sums.length; index++) sums[index]! += probabilities[index]!;
    }
    return Float32Array.from(sums, (sum) => sum / epochCount);
  }

  #get(epoch: number): Float32Array {
    const known = this.#known.get(epoch) ?? readFloats(this.#file(epoch), this.length);
    if (known !== null) return known;
    throw new AppError('artifact-damaged', { path: this.#file(epoch), reason: 'it is missing or too short' });
  }

  #file(epoch: number): string {
    return `${this.#name}.epoch-${epoch}.f32`;
  }
}

function pick({
  classifier,
  pixels,
  normalization,
  signal,
}: CrossValidationTask): Pick<CrossValidationTask, 'classifier' | 'pixels' | 'normalization' | 'signal'> {
  return { classifier, pixels, normalization, signal };
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

function readFloats(path: string, length: number): Float32Array | null {
  if (!existsSync(path)) return null;
  const bytes = Uint8Array.from(readFileSync(path));
  return bytes.length === length * 4 ? new Float32Array(bytes.buffer) : null;
}
