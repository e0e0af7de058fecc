/**
 * @file One training of an ensemble: a model like the one that is explained, or adapters of one. What comes out lies in a folder whose name is the
 * hash of everything it depends on, so that nothing is trained twice; an interrupted training goes on after its last whole epoch.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../core/base/app-error.ts';
import type { Network } from '../../../core/nn/network.ts';
import { writeFileWhole } from '../../artifacts/write-file-whole.ts';
import {
  checkpointsPath,
  keepCheckpoint,
  keptEpochs,
  listCheckpoints,
  readCheckpointList,
  type CheckpointPlan,
} from '../../training/kept-checkpoints.ts';
import { trainClassifier } from '../../training/train-classifier.ts';
import type { TrainingSettings } from '../../training/training-task.ts';
import type { MemberWork } from './member-work.ts';

export interface MemberTraining {
  readonly network: Network;
  /** What the network and its first parameters are made from, as JSON. */
  readonly origin: unknown;
  readonly settings: TrainingSettings;
  /** Epochs to do of the schedule's. */
  readonly epochs: number;
  /** Pixel rows that are learned. */
  readonly rows: Int32Array;
  /** Names the random streams of first parameters, order and dropout. */
  readonly stream: string;
  /** How many checkpoints are to be kept; 0: none. */
  readonly checkpoints: number;
}

export interface TrainedMember {
  readonly path: string;
  readonly parametersSha256: string;
  readonly readParameters: () => Float32Array;
  readonly trainSeconds: number;
  /** Of the parameters, without checkpoints. */
  readonly modelBytes: number;
}

const Receipt = z.object({ parametersSha256: z.string(), trainSeconds: z.number() });
const Stopwatch = z.object({ seconds: z.number() });

/** `onProgress`: the share of this training that is done, 0…1. */
export async function trainMember(
  work: MemberWork,
  training: MemberTraining,
  onProgress: (fraction: number) => void,
): Promise<TrainedMember> {
  const path = join(work.path, hashOf(work, training));
  const kept = findMember(path, training);
  if (kept !== null) return kept;
  mkdirSync(path, { recursive: true });
  const { model, executor, signal } = work;
  const { pixels, normalization, learned } = model;
  const { network: classifier, origin, settings, epochs, rows: trainRows, stream } = training;
  const plan = checkpointPlan(path, training);
  const stopwatch = join(path, 'stopwatch.json');
  const before = readJson(stopwatch, Stopwatch)?.seconds ?? 0;
  const start = performance.now();
  const seconds = (): number => before + (performance.now() - start) / 1000;
  const trained = await trainClassifier(executor, {
    ...{ classifier, origin, pixels, normalization, settings, trainRows, stream, signal },
    labels: labelsOf(learned, pixels.count),
    validationRows: new Int32Array(0),
    epochLimit: epochs,
    checkpointPath: join(path, 'training.checkpoint'),
    onBatch: ({ epoch, fraction }) => onProgress((epoch + fraction) / epochs),
    afterEpoch: (epoch, parameters) => {
      keepCheckpoint(plan, epoch, parameters);
      writeJson(stopwatch, { seconds: seconds() });
    },
  });
  const { parameters } = trained;
  listCheckpoints(plan, parameters, trained.epochCount);
  const bytes = new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength);
  writeFileWhole(join(path, PARAMETERS), [bytes]);
  writeJson(join(path, RECEIPT), { parametersSha256: sha256(bytes), trainSeconds: seconds() });
  for (const name of ['training.checkpoint', 'stopwatch.json']) rmSync(join(path, name), { force: true });
  return findMember(path, training)!;
}

const PARAMETERS = 'parameters.f32';
const RECEIPT = 'member.json';

/** What was trained before, where it is whole. */
function findMember(path: string, training: MemberTraining): TrainedMember | null {
  const receipt = readJson(join(path, RECEIPT), Receipt);
  const file = join(path, PARAMETERS);
  const modelBytes = 4 * training.network.parameterCount;
  if (receipt === null || !existsSync(file) || statSync(file).size !== modelBytes) return null;
  // It may have been trained for something that needs none, or fewer.
  const { checkpoints: count, epochs, network } = training;
  const wanted = count === 0 ? 0 : 1 + keptEpochs({ count, epochs }, network.parameterCount).length;
  if ((readCheckpointList(checkpointsPath(path))?.length ?? 0) < wanted) return null;
  const { parametersSha256, trainSeconds } = receipt;
  const readParameters = (): Float32Array => readChecked(file, parametersSha256);
  return { path, parametersSha256, readParameters, trainSeconds, modelBytes };
}

/** The numbers of a file whose bytes are those that were written. */
export function readChecked(file: string, expected: string): Float32Array {
  const bytes = Uint8Array.from(readFileSync(file));
  if (sha256(bytes) === expected) return new Float32Array(bytes.buffer);
  throw new AppError('artifact-damaged', { path: file, reason: 'its bytes are not those that were written' });
}

function checkpointPlan(
  path: string,
  { checkpoints: count, settings, epochs, rows }: MemberTraining,
): CheckpointPlan {
  return { path: checkpointsPath(path), count, settings, imageCount: rows.length, epochs };
}

/** Class index per pixel row; −1: not learned. */
function labelsOf(learned: MemberWork['model']['learned'], count: number): Int32Array {
  const labels = new Int32Array(count).fill(-1);
  for (const { row, classIndex } of learned) labels[row] = classIndex;
  return labels;
}

/** Of everything that the parameters depend on. */
function hashOf({ model }: MemberWork, training: MemberTraining): string {
  const { origin, settings, epochs, stream, rows } = training;
  const { normalization, pixels, samples, learned } = model;
  const { size, channels } = pixels;
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ origin, settings, epochs, stream, normalization, size, channels }));
  const classOf = new Map(learned.map(({ row, classIndex }) => [row, classIndex]));
  // Augmentation draws by row, so that rows count too.
  for (const row of rows) hash.update(`${row} ${samples[row]!.sha256} ${classOf.get(row)!}\n`);
  return hash.digest('hex').slice(0, 24);
}

function readJson<Result>(path: string, schema: z.ZodType<Result>): Result | null {
  if (!existsSync(path)) return null;
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success ? parsed.data : null;
}

function writeJson(path: string, value: unknown): void {
  writeFileWhole(path, [Buffer.from(JSON.stringify(value))]);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
