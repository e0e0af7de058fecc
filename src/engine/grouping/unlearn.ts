/**
 * @file Makes a denoiser forget a group by a short fine-tuning: GUDA-U (METHODS §2.2), which draws it to what the best denoiser of the retained images would
 * predict of the forgotten ones, or plain gradient ascent; while on retained images it stays as it is.
 */
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { Random } from '../../core/base/random.ts';
import { noiseCoefficients } from '../../core/diffusion/prediction.ts';
import { retainedNoise } from '../../core/diffusion/retained-target.ts';
import type { Executor, Session } from '../../core/execution/executor.ts';
import type { MatrixEngine } from '../../core/linalg/matrix-engine.ts';
import { denoiseProgram } from '../../core/nn/denoiser/denoise-program.ts';
import type { UnlearningChoices } from '../../contract/generation-configs.ts';
import type { CleanImages, ImageReader } from '../generating/clean-images.ts';
import type { Denoiser } from '../generating/denoiser.ts';
import { DenoiserSteps, startingState } from '../generating/denoiser-steps.ts';
import { NoisyBatch } from '../generating/noisy-batch.ts';
import { anchorShares, drawAnchor, type ClassPrototypes } from './anchors.ts';
import { nearestImages } from './nearest-images.ts';
import { settleTarget, type SettledTarget } from './unlearning-target.ts';

export interface UnlearningWork {
  readonly executor: Executor;
  readonly matrixEngine: MatrixEngine;
  readonly denoiser: Denoiser;
  /** Where every unlearning starts, and what stays the measure on retained images. */
  readonly parameters: Float32Array;
  readonly images: CleanImages;
  /** Class index per row of the images; −1: none. */
  readonly labels: Int32Array;
  /** What tells which classes are alike to the model; null: nothing does. */
  readonly prototypes: ClassPrototypes | null;
  readonly choices: UnlearningChoices & { readonly method: 'guda' | 'ascent' };
  readonly signal?: CancelSignal | undefined;
}

export interface Forgetting {
  /** Rows of the group. */
  readonly forgotten: Int32Array;
  readonly retained: Int32Array;
  readonly seed: number;
  readonly onProgress?: (fraction: number) => void;
}

interface OpenSessions {
  readonly steps: DenoiserSteps;
  /** The model as it was, and what it is shown. */
  readonly teacher: Session;
  readonly seen: NoisyBatch;
}

/** An image of a batch: its pixel row, the step of time it stands at, and the class that the model is told. */
interface Drawn {
  readonly row: number;
  readonly step: number;
  readonly classIndex: number;
}

/** What the targets of one group's images are made from. */
interface Retained {
  /** Of each forgotten row. */
  readonly neighbours: ReadonlyMap<number, Int32Array>;
  readonly classes: ReadonlySet<number>;
}

/** Sessions stay open from one group to the next. */
export class Unlearner {
  readonly #work: UnlearningWork;
  /** null: the loss is climbed instead. */
  readonly #target: SettledTarget | null;
  readonly #images: ImageReader;
  readonly #neighbours: ImageReader;
  #open: OpenSessions | null = null;

  constructor(work: UnlearningWork) {
    this.#work = work;
    const { method, target } = work.choices;
    this.#target = method === 'ascent' ? null : settleTarget(target, work.denoiser);
    this.#images = work.images.reader();
    this.#neighbours = work.images.reader();
  }

  /** The parameters after forgetting. */
  async unlearn({ forgotten, retained, seed, onProgress }: Forgetting): Promise<Float32Array> {
    const { choices, labels, parameters, signal } = this.#work;
    const kept: Retained = {
      neighbours: await this.#nearest(forgotten, retained),
      classes: new Set(Array.from(retained, (row) => labels[row]!)),
    };
    const { steps } = await this.#opened();
    let state = startingState(parameters);
    for (let step = 0; step < choices.steps; step++) {
      throwIfCancelled(signal);
      const random = new Random(seed, `unlearning/${step}`);
      await this.#fillRetained(retained, random);
      await this.#fillForgotten(forgotten, kept, random);
      const taken = await steps.take(state, choices.learningRate, random);
      state = taken.state;
      if (!taken.losses.every(Number.isFinite))
        throw new AppError('denoiser-diverged', { step: step + 1, learningRate: choices.learningRate });
      onProgress?.((step + 1) / choices.steps);
    }
    return state.parameters;
  }

  async dispose(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.steps.dispose();
    await open?.teacher.dispose();
  }

  /** None where the target does not ask for them. */
  async #nearest(forgotten: Int32Array, retained: Int32Array): Promise<ReadonlyMap<number, Int32Array>> {
    const { choices, matrixEngine, signal } = this.#work;
    if (this.#target !== 'softmax') return new Map();
    const read = (rows: Int32Array): Float32Array[] =>
      this.#neighbours.read(rows).map((image) => image.slice());
    const lists = await nearestImages(read, forgotten, retained, choices.neighbours, matrixEngine, signal);
    return new Map(Array.from(forgotten, (row, place) => [row, lists[place]!]));
  }

  /** The first half of the batch: what the model predicted before, or the noise that is there. */
  async #fillRetained(retained: Int32Array, random: Random): Promise<void> {
    const { batchSize, retainLoss } = this.#work.choices;
    const drawn = await this.#mix(0, retained, random, 1 / batchSize);
    if (retainLoss === 'distillation') await this.#wantPredictedBefore(0, drawn);
  }

  async #fillForgotten(forgotten: Int32Array, kept: Retained, random: Random): Promise<void> {
    const { batchSize: half, forgetWeight } = this.#work.choices;
    const sign = this.#target === null ? -1 : 1;
    const drawn = await this.#mix(half, forgotten, random, sign * (forgetWeight / half));
    if (this.#target === null) return;
    if (this.#target === 'anchor')
      return this.#wantPredictedBefore(half, this.#anchored(drawn, kept, random));
    const { batch } = (await this.#opened()).steps;
    for (const [index, { row, step }] of drawn.entries())
      this.#wantNoise(batch, half + index, step, kept.neighbours.get(row) ?? null);
  }

  /** The same images at the same steps, told another class. */
  #anchored(drawn: readonly Drawn[], { classes }: Retained, random: Random): Drawn[] {
    const { prototypes, choices } = this.#work;
    return drawn.map((one) => {
      const anchor = drawAnchor(anchorShares(one.classIndex, classes, prototypes, choices), random);
      if (anchor >= 0) return { ...one, classIndex: anchor };
      throw new AppError('anchors-missing', {
        reason: 'without the group, no other class is left among the images that stay',
      });
    });
  }

  /** What the model predicted before of the noisy images from this place on, told these classes, is what it shall predict. */
  async #wantPredictedBefore(from: number, told: readonly Drawn[]): Promise<void> {
    const { steps, teacher, seen } = await this.#opened();
    const { batch } = steps;
    const [start, end] = [from * batch.length, (from + told.length) * batch.length];
    seen.noisy.set(batch.noisy.subarray(start, end));
    for (const [place, { step, classIndex }] of told.entries()) seen.tell(place, step, classIndex);
    const { output } = await teacher.run(seen.told(), ['output']);
    batch.targets.set((output!.data as Float32Array).subarray(0, end - start), start);
  }

  /** The noise that the best denoiser of the neighbours would see in the image at this place is what the model shall see; none where there are no neighbours. */
  #wantNoise(batch: NoisyBatch, place: number, step: number, near: Int32Array | null): void {
    const { schedule, prediction } = this.#work.denoiser;
    const noisy = batch.noisyAt(place);
    const noise =
      near === null
        ? new Float64Array(noisy.length)
        : retainedNoise(schedule, step, noisy, this.#neighbours.read(near));
    const { noisy: ofNoisy, prediction: ofPrediction } = noiseCoefficients(prediction, schedule, step);
    const target = batch.targetAt(place);
    for (let pixel = 0; pixel < target.length; pixel++)
      target[pixel] = (noise[pixel]! - ofNoisy * noisy[pixel]!) / ofPrediction;
  }

  /** Fills half of the batch from `from` on with images drawn from these rows, each at a step and under noise of its own. */
  async #mix(from: number, rows: Int32Array, random: Random, weight: number): Promise<Drawn[]> {
    const { choices, denoiser, labels } = this.#work;
    const { batch } = (await this.#opened()).steps;
    const drawn = Int32Array.from({ length: choices.batchSize }, () => rows[random.integer(rows.length)]!);
    const images = this.#images.read(drawn);
    return Array.from(drawn, (row, index) => {
      // The first step has no noise to speak of; a neighbour's weight there is all or nothing.
      const step = 1 + random.integer(denoiser.schedule.steps - 1);
      const classIndex = labels[row]!;
      batch.mix(from + index, images[index]!, step, classIndex, random);
      batch.weights[from + index] = weight;
      return { row, step, classIndex };
    });
  }

  async #opened(): Promise<OpenSessions> {
    if (this.#open !== null) return this.#open;
    const { executor, denoiser, parameters, choices } = this.#work;
    const { batchSize } = choices;
    const options = { batchSize: 2 * batchSize, weightDecay: 0, averageDecay: 0 };
    const steps = await DenoiserSteps.open(executor, denoiser, options);
    const program = denoiseProgram(denoiser.network, parameters, { batchSize, profile: executor.profile });
    const teacher = await executor.open(program);
    this.#open = { steps, teacher, seen: new NoisyBatch(denoiser, batchSize) };
    return this.#open;
  }
}
