/** @file The steps of one training over an open session: one epoch at a time. */
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import { observe } from '../../core/curation/training-dynamics.ts';
import type { Feeds, Fetches, Program, Session } from '../../core/execution/executor.ts';
import { drawDropoutMasks } from '../../core/nn/dropout.ts';
import { imageShape } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import { epochOrder, type BatchReader } from './batches.ts';
import type { TrainingState } from './checkpoint.ts';
import { learningRateAt } from './learning-rate.ts';
import { indexOfLargest } from './predict.ts';
import type { OpenStep } from './training-sessions.ts';
import type { TrainingTask } from './training-task.ts';

export interface TrainedEpoch {
  readonly parameters: Float32Array;
  readonly optimizerState: Float32Array;
  /** The state's sums with those of this epoch. */
  readonly dynamics: Float32Array;
  /** Means over the epoch's images, each measured just before the step that learned from it. */
  readonly loss: number;
  readonly accuracy: number;
}

export class TrainingStep {
  readonly #task: TrainingTask;
  readonly #program: Program;
  readonly #session: Session;
  readonly #batchSize: number;
  readonly #reader: BatchReader;
  readonly #targets: Float32Array;
  readonly #sampleWeights: Float32Array;
  /** Pixel row → place among the training rows. */
  readonly #placeOfRow: ReadonlyMap<number, number>;

  /** `open` stays the caller's. */
  constructor(task: TrainingTask, open: OpenStep) {
    this.#task = task;
    this.#program = open.program;
    this.#session = open.session;
    this.#batchSize = open.batchSize;
    this.#reader = open.reader;
    this.#targets = new Float32Array(open.batchSize * task.classifier.outputCount);
    this.#sampleWeights = new Float32Array(open.batchSize);
    this.#placeOfRow = new Map(Array.from(task.trainRows, (row, place) => [row, place]));
  }

  /** All training images once, in this epoch's order. */
  async epoch(state: TrainingState): Promise<TrainedEpoch> {
    const { settings, stream, trainRows } = this.#task;
    const order = epochOrder(trainRows, settings.seed, stream, state.epoch);
    const stepsPerEpoch = Math.ceil(order.length / this.#batchSize);
    let { parameters, optimizerState } = state;
    const dynamics = state.dynamics.slice();
    let loss = 0;
    let correct = 0;
    for (let step = 0; step < stepsPerEpoch; step++) {
      throwIfCancelled(this.#task.signal);
      const rows = order.subarray(step * this.#batchSize, (step + 1) * this.#batchSize);
      const feeds = this.#feeds(rows, state.epoch, state.epoch * stepsPerEpoch + step, stepsPerEpoch);
      const fetched = await this.#session.run({
        ...feeds,
        parameters: float32([parameters.length], parameters),
        optimizerState: float32([optimizerState.length], optimizerState),
      });
      parameters = dataOf(fetched, 'parameters');
      optimizerState = dataOf(fetched, 'optimizerState');
      const batch = this.#measure(fetched, rows, state.epoch, dynamics);
      loss += batch.loss;
      correct += batch.correct;
      const fraction = (step + 1) / stepsPerEpoch;
      this.#task.onBatch?.({ epoch: state.epoch, fraction, loss: batch.loss / rows.length });
    }
    return {
      parameters,
      optimizerState,
      dynamics,
      loss: loss / order.length,
      accuracy: correct / order.length,
    };
  }

  #feeds(rows: Int32Array, epoch: number, step: number, stepsPerEpoch: number): Feeds {
    const { classifier, settings, stream, labels } = this.#task;
    const classCount = classifier.outputCount;
    const kinds = settings.augmentation;
    const draw = kinds.length === 0 ? null : { kinds, epoch, seed: settings.seed };
    this.#targets.fill(0);
    for (let place = 0; place < rows.length; place++)
      this.#targets[place * classCount + labels[rows[place]!]!] = 1;
    this.#sampleWeights.fill(1, 0, rows.length).fill(0, rows.length);
    const rate = learningRateAt(step, stepsPerEpoch, settings);
    const masks = new Random(settings.seed, `dropout/${stream}/${step}`);
    return {
      images: float32(imageShape(classifier, this.#batchSize), this.#reader.read(rows, draw)),
      targets: float32([this.#batchSize, classCount], this.#targets),
      sampleWeights: float32([this.#batchSize], this.#sampleWeights),
      learningRate: float32([1], Float32Array.of(rate)),
      ...(this.#program.inputs.has('step') ? { step: float32([1], Float32Array.of(step + 1)) } : {}),
      ...drawDropoutMasks(classifier, this.#batchSize, masks),
    };
  }

  /** Sum of losses and count of right answers of the batch's images, which `dynamics` gains; a loss that is no number ends the training. */
  #measure(
    fetched: Fetches,
    rows: Int32Array,
    epoch: number,
    dynamics: Float32Array,
  ): { loss: number; correct: number } {
    const { classifier, labels, settings } = this.#task;
    const classCount = classifier.outputCount;
    const losses = dataOf(fetched, 'losses');
    const logits = dataOf(fetched, 'logits');
    let loss = 0;
    let correct = 0;
    for (let place = 0; place < rows.length; place++) {
      loss += losses[place]!;
      const row = logits.subarray(place * classCount, (place + 1) * classCount);
      const label = labels[rows[place]!]!;
      if (indexOfLargest(row) === label) correct++;
      const seen = { logits: row, label, loss: losses[place]!, epoch, epochCount: settings.epochs };
      observe(dynamics, this.#placeOfRow.get(rows[place]!)!, seen);
    }
    // Going on from here would only spread it.
    if (!Number.isFinite(loss))
      throw new AppError('training-diverged', { epoch: epoch + 1, learningRate: settings.learningRate });
    return { loss, correct };
  }
}

function dataOf(fetched: Fetches, name: string): Float32Array {
  return fetched[name]!.data as Float32Array;
}
