/**
 * @file Training a model again by its own recipe on some of the images, perhaps under other labels. What is kept of a training lies in
 * the project's cache under the hash of everything it depends on: a repeated or interrupted evaluation goes on where it was, and
 * different methods are measured against the same trainings.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { predictRows } from '../training/predict.ts';
import { TrainingSessions } from '../training/training-sessions.ts';
import { trainClassifier, type TrainedClassifier } from '../training/train-classifier.ts';
import { recipeOf, type Recipe } from './recipe.ts';

/** What all retrainings of a model have in common. */
export interface RetrainWork {
  readonly model: LoadedModel;
  readonly recipe: Recipe;
  readonly executor: Executor;
  /** Opened at the first training, and used by all. */
  readonly sessions: TrainingSessions;
  /** Folder of what is kept. */
  readonly path: string;
  readonly signal: CancelSignal;
}

export interface Retraining {
  /** Rows of the model's pixel source that are learned, in the order in which they are dealt. */
  readonly rows: Int32Array;
  /** Class index per row of the pixel source; what the model learned where not given. */
  readonly labels?: Int32Array;
  /** Names the random streams of first parameters, order and dropout; `modelStream` is the model's own. */
  readonly stream: string;
  /** 0…1 of this training. */
  readonly onProgress?: (fraction: number) => void;
}

/** The stream under which a model was trained: with all that it learned it gives the same parameters again. */
export const modelStream = 'main';

/** `model` stays the caller's; he disposes of `sessions`. */
export function openRetraining(
  folder: ProjectFolder,
  model: LoadedModel,
  { executor }: Pick<ComputeTools, 'executor'>,
  signal: CancelSignal,
): RetrainWork {
  const path = join(folder.cachePath, 'retrainings');
  mkdirSync(path, { recursive: true });
  const recipe = recipeOf(folder, model);
  const { network: classifier, settings } = recipe;
  const { pixels, normalization } = model;
  const sessions = new TrainingSessions(executor, { classifier, settings, pixels, normalization });
  return { model, recipe, executor, sessions, path, signal };
}

/** Trains now; nothing of it is kept. */
export function retrain(work: RetrainWork, retraining: Retraining): Promise<TrainedClassifier> {
  const { model, recipe, executor, sessions, signal } = work;
  const { network: classifier, origin, settings, epochs } = recipe;
  const { pixels, normalization } = model;
  const { rows: trainRows, stream, onProgress } = retraining;
  const task = {
    ...{ classifier, origin, pixels, normalization, settings, trainRows, stream, signal },
    labels: retraining.labels ?? learnedLabels(model),
    validationRows: new Int32Array(0),
    epochLimit: epochs,
    checkpointPath: null,
    onBatch: ({ epoch, fraction }: { epoch: number; fraction: number }) =>
      onProgress?.((epoch + fraction) / epochs),
  };
  return trainClassifier(executor, task, sessions);
}

/** Logits [measured, classes] of these rows after the training. They are kept: the same training is done once for the same measured rows. */
export function retrainAndPredict(
  work: RetrainWork,
  retraining: Retraining,
  measured: Int32Array,
): Promise<Float32Array> {
  const { model, recipe, executor, signal } = work;
  const { samples, pixels, normalization } = model;
  const hash = createHash('sha256').update(hashOf(work, retraining));
  for (const row of measured) hash.update(`${samples[row]!.sha256}\n`);
  const file = join(work.path, `${hash.digest('hex')}.logits.f32`);
  return kept(file, measured.length * recipe.network.outputCount, async () => {
    const { parameters } = await retrain(work, retraining);
    const request = { classifier: recipe.network, parameters, pixels, normalization, rows: measured, signal };
    return (await predictRows(executor, request)).logits;
  });
}

/** Class index per pixel row under which the model learned it; −1: it did not. */
export function learnedLabels({ samples, learned }: Pick<LoadedModel, 'samples' | 'learned'>): Int32Array {
  const labels = new Int32Array(samples.length).fill(-1);
  for (const { row, classIndex } of learned) labels[row] = classIndex;
  return labels;
}

/** Of everything that the parameters depend on. The provider is not part of it: its last digits are below the noise of training. */
function hashOf({ model, recipe }: RetrainWork, { rows, labels, stream }: Retraining): string {
  const { origin, settings, epochs } = recipe;
  const { normalization, pixels, samples } = model;
  const { size, channels } = pixels;
  const learned = labels ?? learnedLabels(model);
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ origin, settings, epochs, normalization, size, channels, stream }));
  // Augmentation draws by row, so that rows count too.
  for (const row of rows) hash.update(`${row} ${samples[row]!.sha256} ${learned[row]!}\n`);
  return hash.digest('hex');
}

/** The numbers in `file`, made and written where it is not there whole. */
async function kept(file: string, length: number, make: () => Promise<Float32Array>): Promise<Float32Array> {
  if (existsSync(file)) {
    const bytes = Uint8Array.from(readFileSync(file));
    if (bytes.length === length * 4) return new Float32Array(bytes.buffer);
  }
  const values = await make();
  writeFileWhole(file, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
  return values;
}
