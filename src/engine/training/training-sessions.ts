/** @file The compiled training step of a network, opened once for any number of trainings of it that differ in images, labels and streams. */
import type { Executor, Program, Session } from '../../core/execution/executor.ts';
import { trainingProgram } from '../../core/nn/training-program.ts';
import { BatchReader } from './batches.ts';
import type { TrainingTask } from './training-task.ts';

export interface OpenStep {
  readonly batchSize: number;
  readonly program: Program;
  readonly session: Session;
  readonly reader: BatchReader;
}

export class TrainingSessions {
  readonly #executor: Executor;
  readonly #task: Pick<TrainingTask, 'classifier' | 'settings' | 'pixels' | 'normalization'>;
  #open: OpenStep | null = null;

  constructor(
    executor: Executor,
    task: Pick<TrainingTask, 'classifier' | 'settings' | 'pixels' | 'normalization'>,
  ) {
    this.#executor = executor;
    this.#task = task;
  }

  /** The step for batches of this size; that of another size is closed for it. */
  async ofSize(batchSize: number): Promise<OpenStep> {
    if (this.#open?.batchSize === batchSize) return this.#open;
    await this.dispose();
    const { classifier, settings, pixels, normalization } = this.#task;
    const program = trainingProgram(classifier, { ...settings, batchSize, profile: this.#executor.profile });
    this.#open = {
      batchSize,
      program,
      session: await this.#executor.open(program),
      reader: new BatchReader(pixels, normalization, batchSize, { isReadAgain: true }),
    };
    return this.#open;
  }

  async dispose(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.session.dispose();
  }
}
