/**
 * @file The training loop of a denoiser. Each step draws its images, steps of time and noise from seeds of its own, so that a resumed training ends in the
 * same bits, and one without some images differs from the whole in nothing else.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { Random } from '../../core/base/random.ts';
import type { Executor } from '../../core/execution/executor.ts';
import type { TrainDenoiserConfig } from '../../contract/generation-configs.ts';
import { readVectorFile, writeVectorFile } from '../artifacts/vector-file.ts';
import { epochOrder } from '../training/batches.ts';
import type { CleanImages, ImageReader } from './clean-images.ts';
import type { Denoiser } from './denoiser.ts';
import { DenoiserSteps, startingState, type DenoiserState, type StepOptions } from './denoiser-steps.ts';

export type DenoiserSettings = Pick<
  TrainDenoiserConfig,
  | 'steps'
  | 'batchSize'
  | 'learningRate'
  | 'learningRateSchedule'
  | 'weightDecay'
  | 'averageDecay'
  | 'augmentation'
  | 'conditionDropout'
  | 'seed'
>;

export interface DenoiserTask {
  readonly denoiser: Denoiser;
  /** What the network is made from, as JSON: a checkpoint is only taken up by the same. */
  readonly origin: unknown;
  readonly images: CleanImages;
  /** Rows of the images that are learned. */
  readonly rows: Int32Array;
  /** Class index per row; −1: none. Read by conditional networks alone. */
  readonly labels: Int32Array;
  readonly settings: DenoiserSettings;
  /** Names the random streams of batches, time and noise. */
  readonly stream: string;
  /** Names the random stream of the first parameters; trainings to be compared share it. */
  readonly initialStream: string;
  /** Where the state is kept on the way; null: nowhere. */
  readonly checkpointPath: string | null;
  readonly signal?: CancelSignal | undefined;
  readonly onStep?: (progress: { readonly step: number; readonly loss: number }) => void;
  /** Awaited after each step, before a checkpoint is written. */
  readonly afterStep?: (state: DenoiserState) => Promise<void> | void;
  /** The loss on unseen images, asked for at some points of the curve; null: there are none. */
  readonly measureUnseen?: (state: DenoiserState) => Promise<number | null>;
}

export interface TrainedDenoiser {
  readonly parameters: Float32Array;
  readonly average: Float32Array;
  /** Mean losses of equal stretches of the training. */
  readonly curve: readonly CurvePoint[];
}

const CurvePoint = z.object({
  step: z.number().int(),
  loss: z.number(),
  heldOut: z.number().nullable(),
});
export type CurvePoint = z.infer<typeof CurvePoint>;

const CURVE_POINTS = 60;
/** Points of the curve from one measurement of unseen images to the next. */
const POINTS_BETWEEN_MEASUREMENTS = 6;
/** At most this many steps are lost where the process dies; none where it is told to stop. */
const STEPS_BETWEEN_CHECKPOINTS = 200;

const Header = z.object({
  argumentsHash: z.string(),
  step: z.number().int(),
  curve: z.array(CurvePoint),
  stretch: z.object({ sum: z.number(), count: z.number().int() }),
});
type Header = z.infer<typeof Header>;

/** The optimiser's part of the settings, by which sessions can be shared. */
export function stepOptionsOf(settings: DenoiserSettings, rowCount: number): StepOptions {
  const { weightDecay, averageDecay } = settings;
  return { weightDecay, averageDecay, batchSize: Math.min(settings.batchSize, rowCount) };
}

/** `shared`: a session opened with the same `stepOptionsOf`, which stays open; without it the training has its own. */
export async function trainDenoiser(
  executor: Executor,
  task: DenoiserTask,
  shared?: DenoiserSteps,
): Promise<TrainedDenoiser> {
  const { denoiser, settings, rows } = task;
  const steps =
    shared ?? (await DenoiserSteps.open(executor, denoiser, stepOptionsOf(settings, rows.length)));
  try {
    return await new DenoiserTraining(task, steps).run();
  } finally {
    if (shared === undefined) await steps.dispose();
  }
}

class DenoiserTraining {
  readonly #task: DenoiserTask;
  readonly #steps: DenoiserSteps;
  readonly #images: ImageReader;
  readonly #argumentsHash: string;
  #curve: CurvePoint[] = [];
  #stretch = { sum: 0, count: 0 };

  constructor(task: DenoiserTask, steps: DenoiserSteps) {
    this.#task = task;
    this.#steps = steps;
    this.#images = task.images.reader();
    this.#argumentsHash = hashArguments(task);
  }

  async run(): Promise<TrainedDenoiser> {
    const { settings, signal, afterStep, onStep } = this.#task;
    let state = this.#takeUp() ?? this.#start();
    while (state.step < settings.steps) {
      if (signal?.aborted === true) this.#keep(state);
      throwIfCancelled(signal);
      this.#fill(state.step);
      const random = this.#random('dropout', state.step);
      const taken = await this.#steps.take(state, learningRateAt(state.step, settings), random);
      state = taken.state;
      const loss = meanOf(taken.losses);
      // Going on from here would only spread it.
      if (!Number.isFinite(loss))
        throw new AppError('denoiser-diverged', { step: state.step, learningRate: settings.learningRate });
      await this.#record(state, loss);
      await afterStep?.(state);
      if (state.step % STEPS_BETWEEN_CHECKPOINTS === 0) this.#keep(state);
      onStep?.({ step: state.step, loss });
    }
    const { parameters, average } = state;
    return { parameters, average, curve: this.#curve };
  }

  #start(): DenoiserState {
    const { denoiser, settings, initialStream } = this.#task;
    const seed = new Random(settings.seed, `parameters/${initialStream}`).uint32();
    return startingState(denoiser.network.initialParameters(seed));
  }

  /** Images in the order of their pass, each at a step of time and under noise that this step of training fixes. */
  #fill(step: number): void {
    const { denoiser, settings, labels } = this.#task;
    const { batch } = this.#steps;
    const rows = this.#rowsOf(step, batch.size);
    const kinds = settings.augmentation;
    const images = this.#images.read(
      rows,
      kinds.length === 0 ? null : { kinds, epoch: step, seed: settings.seed },
    );
    const random = this.#random('noise', step);
    for (let place = 0; place < batch.size; place++) {
      const time = random.integer(denoiser.schedule.steps);
      const told =
        denoiser.classCount === 0 || random.uniform() < settings.conditionDropout
          ? -1
          : labels[rows[place]!]!;
      batch.mix(place, images[place]!, time, told, random);
      batch.weights[place] = 1 / batch.size;
    }
  }

  /** Passes over the rows follow each other without a gap: a batch may hold the end of one and the beginning of the next. */
  #rowsOf(step: number, count: number): Int32Array {
    const { rows, settings, stream } = this.#task;
    return Int32Array.from({ length: count }, (_, index) => {
      const place = step * count + index;
      const pass = Math.floor(place / rows.length);
      if (this.#order?.pass !== pass)
        this.#order = { pass, rows: epochOrder(rows, settings.seed, stream, pass) };
      return this.#order.rows[place % rows.length]!;
    });
  }

  #order: { readonly pass: number; readonly rows: Int32Array } | null = null;

  #random(what: string, step: number): Random {
    return new Random(this.#task.settings.seed, `${what}/${this.#task.stream}/${step}`);
  }

  async #record(state: DenoiserState, loss: number): Promise<void> {
    const { settings, measureUnseen } = this.#task;
    const { steps } = settings;
    const { step } = state;
    this.#stretch.sum += loss;
    this.#stretch.count++;
    const length = Math.max(1, Math.floor(steps / CURVE_POINTS));
    if (step % length !== 0 && step !== steps) return;
    const isMeasured = step === steps || (this.#curve.length + 1) % POINTS_BETWEEN_MEASUREMENTS === 0;
    const heldOut = isMeasured ? ((await measureUnseen?.(state)) ?? null) : null;
    this.#curve.push({ step, loss: this.#stretch.sum / this.#stretch.count, heldOut });
    this.#stretch = { sum: 0, count: 0 };
  }

  #keep({ step, parameters, average, optimizerState }: DenoiserState): void {
    const { checkpointPath } = this.#task;
    if (checkpointPath === null) return;
    const header: Header = {
      argumentsHash: this.#argumentsHash,
      step,
      curve: this.#curve,
      stretch: this.#stretch,
    };
    writeVectorFile(checkpointPath, header, [parameters, average, optimizerState]);
  }

  #takeUp(): DenoiserState | null {
    const { checkpointPath: path } = this.#task;
    const kept = path === null ? null : readVectorFile(path, Header);
    if (path === null || kept === null) return null;
    if (kept.header.argumentsHash !== this.#argumentsHash)
      throw new AppError('artifact-arguments-differ', {
        path,
        difference: 'the training settings or the data',
      });
    const [parameters, average, optimizerState] = kept.vectors;
    this.#curve = kept.header.curve;
    this.#stretch = kept.header.stretch;
    return {
      step: kept.header.step,
      parameters: parameters!,
      average: average!,
      optimizerState: optimizerState!,
    };
  }
}

/** Share of all steps over which the rate rises. */
const WARM_UP_SHARE = 0.02;
/** A cosine ends at this share of its peak. */
const LAST_RATE_SHARE = 0.02;

/** Of the step that comes after so many. */
export function learningRateAt(step: number, settings: DenoiserSettings): number {
  const { learningRate, learningRateSchedule, steps } = settings;
  const warmUp = Math.ceil(WARM_UP_SHARE * steps);
  if (step < warmUp) return (learningRate * (step + 1)) / warmUp;
  if (learningRateSchedule === 'constant') return learningRate;
  const share = (step - warmUp) / Math.max(1, steps - warmUp);
  const fall = 0.5 * (1 + Math.cos(Math.PI * share));
  return learningRate * (LAST_RATE_SHARE + (1 - LAST_RATE_SHARE) * fall);
}

/** Of everything the final parameters depend on. */
function hashArguments({
  origin,
  denoiser,
  settings,
  rows,
  labels,
  stream,
  initialStream,
  images,
}: DenoiserTask): string {
  const { prediction, classCount } = denoiser;
  return createHash('sha256')
    .update(
      JSON.stringify({ origin, prediction, classCount, settings, stream, initialStream, ...images.identity }),
    )
    .update(rows)
    .update(rows.map((row) => labels[row]!))
    .digest('hex');
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
