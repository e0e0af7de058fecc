/** @file Trains a denoiser again by its own recipe and from its own first parameters, one training after the other over sessions that stay open. */
import { rmSync } from 'node:fs';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor } from '../../core/execution/executor.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { DenoiserSteps } from './denoiser-steps.ts';
import type { LoadedDenoiser } from './loaded-denoiser.ts';
import { modelStream, retrainingOf, type PreparedRetraining } from './retraining.ts';
import { stepOptionsOf, trainDenoiser } from './train-denoiser.ts';

export interface RetrainerWork {
  readonly folder: Pick<ProjectFolder, 'connection'>;
  readonly model: LoadedDenoiser;
  readonly executor: Executor;
  readonly signal: CancelSignal;
}

/** A training, before it is done. */
export interface PlannedRetraining extends PreparedRetraining {
  /** The moving average of the parameters at its end. `onProgress`: 0 … 1 of this training. */
  train(checkpointPath: string, onProgress: (fraction: number) => void): Promise<Float32Array>;
}

export class DenoiserRetrainer {
  readonly #work: RetrainerWork;
  #open: { readonly batchSize: number; readonly steps: DenoiserSteps } | null = null;

  constructor(work: RetrainerWork) {
    this.#work = work;
  }

  /** On these of the model's pixel rows. Repeat 0 has the model's own order and noise: on all that it learned it gives the model itself again. */
  plan(rows: Int32Array, repeat: number): PlannedRetraining {
    const { folder, model } = this.#work;
    const stream = repeat === 0 ? modelStream : `repeat ${repeat}`;
    const prepared = retrainingOf(folder, model, { rows, stream, initialStream: modelStream });
    return {
      ...prepared,
      train: (checkpointPath, onProgress) => this.#train(prepared, checkpointPath, onProgress),
    };
  }

  async dispose(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.steps.dispose();
  }

  async #train(
    { task }: PreparedRetraining,
    checkpointPath: string,
    onProgress: (fraction: number) => void,
  ): Promise<Float32Array> {
    const { executor, signal } = this.#work;
    const onStep = ({ step }: { readonly step: number }): void => onProgress(step / task.settings.steps);
    const steps = await this.#opened(task);
    const { average } = await trainDenoiser(executor, { ...task, checkpointPath, signal, onStep }, steps);
    rmSync(checkpointPath, { force: true });
    return average;
  }

  async #opened({ settings, rows }: PreparedRetraining['task']): Promise<DenoiserSteps> {
    const options = stepOptionsOf(settings, rows.length);
    if (this.#open?.batchSize === options.batchSize) return this.#open.steps;
    await this.dispose();
    const { executor, model } = this.#work;
    const steps = await DenoiserSteps.open(executor, model.denoiser, options);
    this.#open = { batchSize: options.batchSize, steps };
    return steps;
  }
}
