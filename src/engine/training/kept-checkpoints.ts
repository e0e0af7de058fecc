/**
 * @file The parameters of one training at a few evenly spaced epochs, kept for attribution by checkpoints (TracIn, Pruthi et al. 2020), and
 * the learning that each stands for. The last checkpoint is the trained model itself, which is kept anyway.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { learningRateAt, type LearningRateSettings } from './learning-rate.ts';

/** Checkpoints of one model take this much at most: of larger models fewer are kept. */
const KEPT_BYTES = 512 * 2 ** 20;

const KeptCheckpoint = z.object({
  /** Epochs that its parameters have seen. */
  epochs: z.number().int(),
  /** Learning rates of the steps since the checkpoint before it, summed. */
  learning: z.number(),
  /** Beside the list; null: the parameters of the trained model. */
  file: z.string().nullable(),
  sha256: z.string(),
});
export type KeptCheckpoint = z.infer<typeof KeptCheckpoint>;

const LIST = 'checkpoints.json';

/** Of the model whose folder this is. */
export function checkpointsPath(modelPath: string): string {
  return join(modelPath, 'checkpoints');
}

export interface CheckpointPlan {
  /** Folder of the checkpoints. */
  readonly path: string;
  /** How many are wanted, the trained model among them; 0: none. */
  readonly count: number;
  readonly settings: LearningRateSettings & { readonly batchSize: number };
  /** Images that are learned. */
  readonly imageCount: number;
  /** Epochs that the training is to last. */
  readonly epochs: number;
}

/** Epochs after which parameters are kept, evenly spaced, the last one left out. */
export function keptEpochs(
  { count, epochs }: Pick<CheckpointPlan, 'count' | 'epochs'>,
  parameterCount: number,
): number[] {
  const fitting = 1 + Math.floor(KEPT_BYTES / (4 * parameterCount));
  const used = Math.min(count, epochs, fitting);
  return Array.from({ length: Math.max(0, used - 1) }, (_, index) =>
    Math.round(((index + 1) * epochs) / used),
  );
}

/** To be called after every epoch, counted from 0, before the training's own state is written. */
export function keepCheckpoint(plan: CheckpointPlan, epoch: number, parameters: Float32Array): void {
  if (!keptEpochs(plan, parameters.length).includes(epoch + 1)) return;
  mkdirSync(plan.path, { recursive: true });
  writeFileWhole(join(plan.path, fileAfter(epoch + 1)), [bytesOf(parameters)]);
}

/** Writes the list, once the training has ended with these parameters after so many epochs. What lies behind them is removed. */
export function listCheckpoints(plan: CheckpointPlan, parameters: Float32Array, epochCount: number): void {
  if (plan.count === 0) return;
  mkdirSync(plan.path, { recursive: true });
  const planned = keptEpochs(plan, parameters.length);
  for (const epochs of planned)
    if (epochs >= epochCount) rmSync(join(plan.path, fileAfter(epochs)), { force: true });
  const kept = planned.filter((epochs) => existsSync(join(plan.path, fileAfter(epochs))));
  const checkpoints = [...kept, epochCount].map((epochs, index): KeptCheckpoint => {
    const file = index < kept.length ? fileAfter(epochs) : null;
    const bytes = file === null ? bytesOf(parameters) : readFileSync(join(plan.path, file));
    return {
      epochs,
      learning: learningBetween(plan, kept[index - 1] ?? 0, epochs),
      file,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  });
  writeFileWhole(join(plan.path, LIST), [Buffer.from(JSON.stringify(checkpoints, null, 1))]);
}

/** In the order of training; null where none were kept. */
export function readCheckpointList(path: string): KeptCheckpoint[] | null {
  const list = join(path, LIST);
  if (!existsSync(list)) return null;
  const parsed = z.array(KeptCheckpoint).safeParse(JSON.parse(readFileSync(list, 'utf8')));
  if (!parsed.success) throw new AppError('artifact-damaged', { path: list, reason: parsed.error.message });
  return parsed.data;
}

/**
 * `count` of them or as many as there are, evenly spaced and the last among them; each stands for the learning since the one before it that was
 * taken.
 */
export function chooseCheckpoints(kept: readonly KeptCheckpoint[], count: number): KeptCheckpoint[] {
  const used = Math.min(count, kept.length);
  const places = Array.from(
    { length: used },
    (_, index) => Math.round(((index + 1) * kept.length) / used) - 1,
  );
  return places.map((place, index) => {
    const since = kept.slice(index === 0 ? 0 : places[index - 1]! + 1, place + 1);
    return { ...kept[place]!, learning: since.reduce((sum, { learning }) => sum + learning, 0) };
  });
}

function fileAfter(epochs: number): string {
  return `epoch-${epochs}.f32`;
}

/** Over the steps from one count of epochs to another. */
function learningBetween({ settings, imageCount }: CheckpointPlan, from: number, to: number): number {
  const stepsPerEpoch = Math.ceil(imageCount / settings.batchSize);
  let sum = 0;
  for (let step = from * stepsPerEpoch; step < to * stepsPerEpoch; step++)
    sum += learningRateAt(step, stepsPerEpoch, settings);
  return sum;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
