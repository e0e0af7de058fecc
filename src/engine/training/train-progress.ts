/** @file How far a training run is: decoding, the model, the folds, the predictions. */
import type { EpochMetrics, TrainConfig } from '../../contract/runs-service.ts';
import type { RunContext } from '../runs/run-context.ts';
import { MAIN_FOLD } from '../storage/models.ts';

/** Shares of the whole run's time, roughly; training has the rest. */
const DECODING = 0.04;
const PREDICTING = 0.02;

export class TrainProgress {
  readonly #context: RunContext;
  readonly #config: TrainConfig;
  #figures: Record<string, number> = {};

  constructor(context: RunContext, config: TrainConfig) {
    this.#context = context;
    this.#config = config;
  }

  decoded(count: number, total: number): void {
    this.#context.progress('Reading images', (DECODING * count) / total, { images: count });
  }

  trained(fold: number, { epoch, fraction, loss }: { epoch: number; fraction: number; loss: number }): void {
    const { epochs, folds } = this.#config;
    const trainings = 1 + folds;
    const before = (fold === MAIN_FOLD ? 0 : 1 + fold) * epochs + epoch;
    const done = (before + fraction) / (trainings * epochs);
    const stage =
      fold === MAIN_FOLD
        ? `Epoch ${epoch + 1} of ${epochs}`
        : `Fold ${fold + 1} of ${folds}, epoch ${epoch + 1} of ${epochs}`;
    this.#context.progress(stage, DECODING + done * (1 - DECODING - PREDICTING), { ...this.#figures, loss });
  }

  epochDone({ trainAccuracy, validationLoss, validationAccuracy }: EpochMetrics): void {
    this.#figures = {
      'training accuracy': trainAccuracy,
      ...(validationLoss === null ? {} : { 'validation loss': validationLoss }),
      ...(validationAccuracy === null ? {} : { 'validation accuracy': validationAccuracy }),
    };
  }

  predicted(count: number, total: number): void {
    this.#context.progress('Predicting', 1 - PREDICTING + (PREDICTING * count) / total, { images: count });
  }
}
