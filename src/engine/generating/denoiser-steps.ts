/** @file Optimiser steps of a denoiser over an open session: for its training, for unlearning, for any number of them one after the other. */
import { AppError } from '../../core/base/app-error.ts';
import type { Executor, Feeds, Program, Session } from '../../core/execution/executor.ts';
import { denoiserTrainingProgram } from '../../core/nn/denoiser/denoiser-training.ts';
import { drawDropoutMasks } from '../../core/nn/dropout.ts';
import type { Random } from '../../core/base/random.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import type { Denoiser } from './denoiser.ts';
import { NoisyBatch } from './noisy-batch.ts';

/** Where a denoiser stands between two steps. */
export interface DenoiserState {
  /** Steps that are done. */
  readonly step: number;
  readonly parameters: Float32Array;
  /** Moving average of the parameters. */
  readonly average: Float32Array;
  readonly optimizerState: Float32Array;
}

export function startingState(parameters: Float32Array): DenoiserState {
  return {
    step: 0,
    parameters,
    average: parameters,
    optimizerState: new Float32Array(2 * parameters.length),
  };
}

export interface StepOptions {
  readonly batchSize: number;
  readonly weightDecay: number;
  readonly averageDecay: number;
}

/** Cut to this length a rare huge gradient does no harm; as in the training of published models. */
const LONGEST_GRADIENT = 1;

export class DenoiserSteps {
  /** To be filled before each step. */
  readonly batch: NoisyBatch;
  readonly #denoiser: Denoiser;
  readonly #session: Session;
  readonly #averageDecay: number;

  private constructor(denoiser: Denoiser, session: Session, options: StepOptions) {
    this.#denoiser = denoiser;
    this.#session = session;
    this.#averageDecay = options.averageDecay;
    this.batch = new NoisyBatch(denoiser, options.batchSize);
  }

  static async open(executor: Executor, denoiser: Denoiser, options: StepOptions): Promise<DenoiserSteps> {
    const program = denoiserTrainingProgram(denoiser.network, {
      ...options,
      longestGradient: LONGEST_GRADIENT,
      profile: executor.profile,
    });
    return new DenoiserSteps(denoiser, await openSteps(executor, program, options), options);
  }

  /** `losses`: mean squared errors of the batch before the step. `random` draws dropout masks. */
  async take(
    state: DenoiserState,
    learningRate: number,
    random: Random,
  ): Promise<{ readonly state: DenoiserState; readonly losses: Float32Array }> {
    const step = state.step + 1;
    // Early on, the average follows faster: it would else remember the first, random parameters.
    const decay = Math.min(this.#averageDecay, step / (step + 9));
    const feeds: Feeds = {
      ...this.batch.wanted(),
      ...drawDropoutMasks(this.#denoiser.network, this.batch.size, random),
      parameters: vector(state.parameters),
      average: vector(state.average),
      optimizerState: vector(state.optimizerState),
      learningRate: vector(Float32Array.of(learningRate)),
      step: vector(Float32Array.of(step)),
      averageShare: vector(Float32Array.of(1 - decay)),
    };
    const fetched = await this.#session.run(feeds);
    const data = (name: string): Float32Array => fetched[name]!.data as Float32Array;
    return {
      state: {
        step,
        parameters: data('parameters'),
        average: data('average'),
        optimizerState: data('optimizerState'),
      },
      losses: data('losses'),
    };
  }

  dispose(): Promise<void> {
    return this.#session.dispose();
  }
}

/** The size of the batch is part of what is trained: it is not made smaller in silence. */
function openSteps(executor: Executor, program: Program, { batchSize }: StepOptions): Promise<Session> {
  return executor.open(program).catch((cause: unknown) => {
    if (!(cause instanceof AppError) || cause.code !== 'memory-exhausted') throw cause;
    const reason = `A training step on ${batchSize} images at once does not fit in memory: choose a smaller batch size`;
    throw new AppError('usage-invalid', { reason }, { cause });
  });
}

function vector(values: Float32Array) {
  return float32([values.length], values);
}
