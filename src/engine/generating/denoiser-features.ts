/** @file Features of images under a denoiser: projected gradients averaged over steps of time (METHODS §3.2), what its middle sees, or the pixels. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { Random } from '../../core/base/random.ts';
import type { DiffusionOutput } from '../../core/diffusion/output-functions.ts';
import { noiseCoefficients } from '../../core/diffusion/prediction.ts';
import type { Executor, Feeds, Program, Session } from '../../core/execution/executor.ts';
import { denoiseProgram } from '../../core/nn/denoiser/denoise-program.ts';
import {
  denoiserFeatureProgram,
  noisyShareInput,
  predictionShareInput,
} from '../../core/nn/denoiser/denoiser-features.ts';
import type { Network } from '../../core/nn/network.ts';
import type { Projection } from '../../core/nn/projection.ts';
import { imageShape } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import type { FeatureRows } from '../artifacts/feature-store.ts';
import { halvingBatches } from '../training/batch-size.ts';
import type { Denoiser } from './denoiser.ts';
import { NoisyBatch } from './noisy-batch.ts';
import type { ViewedImage } from './views.ts';

export interface DenoiserQuantity {
  readonly outputFunction: DiffusionOutput | 'embedding' | 'pixels';
  /** Of gradients; else not read. */
  readonly projection: Projection;
  /** Of the noise. */
  readonly seed: number;
}

export interface FeatureMember {
  readonly denoiser: Denoiser;
  /** Whose parameters gradients are taken by: the denoiser's own, with masks or adapters. */
  readonly network: Network;
  readonly parameters: Float32Array;
}

/** Beside the features: the mean loss, and how badly an image is predicted next to its other steps (DAS, METHODS §3.10). */
export const denoiserSideColumns = ['losses', 'residuals'] as const;

const LARGEST_BATCH = 64;
/** A batch's full gradients are to take about this much at most. */
const GRADIENT_BYTES = 256 * 2 ** 20;

interface OpenProgram {
  readonly program: Program;
  readonly session: Session;
  readonly batch: NoisyBatch;
}

/** Keeps a session open over many calls; the weights are part of it. */
export class DenoiserFeatures {
  readonly #executor: Executor;
  readonly #member: FeatureMember;
  readonly #quantity: DenoiserQuantity;
  #batchSize: number;
  #open: OpenProgram | null = null;

  constructor(executor: Executor, member: FeatureMember, quantity: DenoiserQuantity) {
    this.#executor = executor;
    this.#member = member;
    this.#quantity = quantity;
    const fitting = Math.floor(GRADIENT_BYTES / (4 * member.network.parameterCount));
    this.#batchSize = Math.min(LARGEST_BATCH, Math.max(1, fitting));
  }

  /** k: the length of a row. */
  async columns(): Promise<number> {
    if (this.#quantity.outputFunction === 'pixels') return this.#member.network.outputCount;
    const { program } = await this.#opened(this.#batchSize);
    return program.outputs.get(this.#output)!.shape[1]!;
  }

  /** Of these images, in order. */
  async compute(images: readonly ViewedImage[], signal?: CancelSignal): Promise<FeatureRows> {
    const columns = await this.columns();
    const rows = {
      features: new Float32Array(images.length * columns),
      side: { losses: new Float32Array(images.length), residuals: new Float32Array(images.length) },
    };
    if (this.#quantity.outputFunction === 'pixels') {
      for (const [row, { views }] of images.entries()) rows.features.set(views[0]!.image, row * columns);
      return rows;
    }
    const losses = images.map(({ views }) => new Float64Array(views.length));
    await halvingBatches(this.#batchSize, 'Attribution', async (size) => {
      this.#batchSize = size;
      rows.features.fill(0);
      const open = await this.#opened(size);
      const all = images.flatMap(({ views }, row) => views.map((_, view) => ({ row, view })));
      for (let from = 0; from < all.length; from += size) {
        throwIfCancelled(signal);
        await this.#computeBatch(open, images, all.slice(from, from + size), rows.features, losses);
      }
    });
    for (const [row, own] of losses.entries()) {
      rows.side.losses[row] = meanOf(own);
      rows.side.residuals[row] = residualOf(own);
    }
    return rows;
  }

  async dispose(): Promise<void> {
    await this.#open?.session.dispose();
    this.#open = null;
  }

  get #output(): 'features' | 'embedding' {
    return this.#quantity.outputFunction === 'embedding' ? 'embedding' : 'features';
  }

  async #computeBatch(
    { session, batch }: OpenProgram,
    images: readonly ViewedImage[],
    some: readonly { row: number; view: number }[],
    features: Float32Array,
    losses: readonly Float64Array[],
  ): Promise<void> {
    for (const [place, { row, view }] of some.entries()) {
      const { key, views, classIndex } = images[row]!;
      const { image, step } = views[view]!;
      const random = new Random(this.#quantity.seed, `features/${key}/${view}/${step}`);
      batch.mix(place, image, step, classIndex, random);
      batch.weights[place] = this.#weightAt(step) / views.length;
    }
    batch.pad(some.length);
    const fetched = await session.run(this.#feeds(batch, images, some));
    const found = fetched[this.#output]!.data as Float32Array;
    const columns = found.length / batch.size;
    const isSummed = this.#output === 'features';
    for (const [place, { row, view }] of some.entries()) {
      const share = isSummed ? 1 : 1 / images[row]!.views.length;
      for (let column = 0; column < columns; column++)
        features[row * columns + column]! += share * found[place * columns + column]!;
      if (isSummed) losses[row]![view] = (fetched['losses']!.data as Float32Array)[place]!;
    }
  }

  #feeds(
    batch: NoisyBatch,
    images: readonly ViewedImage[],
    some: readonly { row: number; view: number }[],
  ): Feeds {
    if (this.#output === 'embedding') return batch.told();
    const { denoiser, network } = this.#member;
    const feeds = {
      ...batch.told(),
      noise: float32(imageShape(network, batch.size), batch.noise),
      sampleWeights: float32([batch.size], batch.weights),
    };
    const { prediction, schedule } = denoiser;
    if (prediction === 'epsilon') return feeds;
    const ofNoisy = new Float32Array(batch.size);
    const ofPrediction = new Float32Array(batch.size);
    for (const [place, { row, view }] of some.entries()) {
      const shares = noiseCoefficients(prediction, schedule, images[row]!.views[view]!.step);
      ofNoisy[place] = shares.noisy;
      ofPrediction[place] = shares.prediction;
    }
    return {
      ...feeds,
      [noisyShareInput]: float32([batch.size, 1, 1, 1], ofNoisy),
      [predictionShareInput]: float32([batch.size, 1, 1, 1], ofPrediction),
    };
  }

  /** β/(2α(1 − ᾱ)) for the weighted loss, as its evidence bound weighs the step; else one. */
  #weightAt(step: number): number {
    if (this.#quantity.outputFunction !== 'weighted-loss') return 1;
    const { betas, cumulative } = this.#member.denoiser.schedule;
    return betas[step]! / (2 * (1 - betas[step]!) * (1 - cumulative[step]!));
  }

  async #opened(batchSize: number): Promise<OpenProgram> {
    if (this.#open?.batch.size === batchSize) return this.#open;
    await this.dispose();
    const { denoiser, network, parameters } = this.#member;
    const { outputFunction, projection } = this.#quantity;
    const common = { batchSize, profile: this.#executor.profile };
    const program =
      outputFunction === 'embedding' || outputFunction === 'pixels'
        ? denoiseProgram(network, parameters, common)
        : denoiserFeatureProgram(network, parameters, {
            ...common,
            outputFunction,
            projection,
            prediction: denoiser.prediction,
          });
    const session = await this.#executor.open(program);
    this.#open = { program, session, batch: new NoisyBatch(denoiser, batchSize) };
    return this.#open;
  }
}

function meanOf(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean of the roots of the losses at each step, divided by their length. */
function residualOf(losses: Float64Array): number {
  const length = Math.sqrt(losses.reduce((sum, loss) => sum + loss, 0));
  return length === 0 ? 0 : meanOf(losses.map(Math.sqrt)) / length;
}
