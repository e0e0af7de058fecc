/** @file Images made by a denoiser: each from noise that its seed and number fix, whatever batch it is made in. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import {
  sampleStep,
  samplingSteps,
  startingNoise,
  stepNoise,
  type SamplerKind,
} from '../../core/diffusion/sampler.ts';
import type { Executor, Session } from '../../core/execution/executor.ts';
import { denoiseProgram } from '../../core/nn/denoiser/denoise-program.ts';
import { halvingBatches } from '../training/batch-size.ts';
import type { Denoiser } from './denoiser.ts';
import { NoisyBatch } from './noisy-batch.ts';

export interface MakingPlan {
  readonly sampler: SamplerKind;
  readonly steps: number;
  readonly seed: number;
  /** Numbers of the images within the seed. */
  readonly indices: readonly number[];
  /** Class that each is told; −1: none. */
  readonly classIndices: readonly number[];
  /** w of classifier-free guidance: untold + w·(told − untold) is what is predicted; not given: 1, what the model says. */
  readonly guidance?: number | undefined;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: (fraction: number) => void;
  /** Told of every state on the way of each image, before it is denoised at that step. */
  readonly onState?: (place: number, step: number, noisy: Float32Array, predicted: Float32Array) => void;
}

const LARGEST_BATCH = 64;

/** [C·H·W] of each, in order: pixels in −1 … 1, or latents. */
export function makeImages(
  executor: Executor,
  denoiser: Denoiser,
  parameters: Float32Array,
  plan: MakingPlan,
): Promise<Float32Array[]> {
  return halvingBatches(Math.min(LARGEST_BATCH, plan.indices.length), 'Making images', async (batchSize) => {
    const program = denoiseProgram(denoiser.network, parameters, { batchSize, profile: executor.profile });
    const session = await executor.open(program);
    const steps = samplingSteps(denoiser.schedule, plan.steps);
    const batch = new NoisyBatch(denoiser, batchSize);
    const made: Float32Array[] = [];
    try {
      for (let from = 0; from < plan.indices.length; from += batchSize) {
        const indices = plan.indices.slice(from, from + batchSize);
        let states = indices.map((index) => startingNoise(plan.seed, index, batch.length));
        for (const [visited, step] of steps.entries()) {
          throwIfCancelled(plan.signal);
          const told = plan.classIndices.slice(from, from + states.length);
          const predictions = await predictGuided(session, batch, { states, step, told }, plan.guidance ?? 1);
          const next = steps[visited + 1] ?? -1;
          states = states.map((state, place) => {
            const predicted = predictions.subarray(place * batch.length, (place + 1) * batch.length);
            plan.onState?.(from + place, step, state, predicted);
            const { schedule, prediction, isLatent = false } = denoiser;
            const noise = stepNoise(plan.seed, indices[place]!, step);
            const options = { kind: plan.sampler, schedule, prediction, step, next };
            return sampleStep(options, state, predicted, noise, !isLatent);
          });
          const done = from + (batchSize * (visited + 1)) / steps.length;
          plan.onProgress?.(Math.min(1, done / plan.indices.length));
        }
        made.push(...states);
      }
      return made;
    } finally {
      await session.dispose();
    }
  });
}

interface Seen {
  readonly states: readonly Float32Array[];
  readonly step: number;
  /** Class or text of each; −1: none. */
  readonly told: readonly number[];
}

/** Classifier-free guidance (Ho and Salimans 2022, in the form where 1 changes nothing): predictions are linear in the noise whatever the model predicts. */
async function predictGuided(
  session: Session,
  batch: NoisyBatch,
  seen: Seen,
  guidance: number,
): Promise<Float32Array> {
  if (guidance === 1) return predict(session, batch, seen);
  const untold = await predict(session, batch, { ...seen, told: seen.told.map(() => -1) });
  if (guidance === 0) return untold;
  const without = untold.slice();
  const told = await predict(session, batch, seen);
  return told.map((value, index) => without[index]! + guidance * (value - without[index]!));
}

async function predict(
  session: Session,
  batch: NoisyBatch,
  { states, step, told }: Seen,
): Promise<Float32Array> {
  for (const [place, state] of states.entries()) {
    batch.noisyAt(place).set(state);
    batch.tell(place, step, told[place]!);
  }
  batch.pad(states.length);
  const { output } = await session.run(batch.told(), ['output']);
  return output!.data as Float32Array;
}

/** As 8-bit pixels, plane by plane. */
export function toPixels(image: Float32Array): Uint8Array {
  return Uint8Array.from(image, (value) => Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5));
}

/** 8-bit pixels in −1 … 1. */
export function fromPixels(pixels: Uint8Array): Float32Array {
  return Float32Array.from(pixels, (value) => value / 127.5 - 1);
}
