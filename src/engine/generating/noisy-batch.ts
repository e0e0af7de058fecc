/** @file One batch for a denoiser: noisy images, the steps of time they stand at, the classes or texts it is told, and what it should predict of them. */
import { addNoise, predictionTarget } from '../../core/diffusion/prediction.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { Random } from '../../core/base/random.ts';
import type { Feeds } from '../../core/execution/executor.ts';
import { classInput, timeInput } from '../../core/nn/denoiser/u-net.ts';
import { imageShape } from '../../core/nn/network.ts';
import { elementCount, float32, type Shape } from '../../core/tensor/tensor.ts';
import type { Denoiser } from './denoiser.ts';

/** Buffers that are filled again and again. */
export class NoisyBatch {
  readonly size: number;
  /** Numbers of one image. */
  readonly length: number;
  readonly noisy: Float32Array;
  readonly noise: Float32Array;
  readonly targets: Float32Array;
  readonly weights: Float32Array;
  readonly #denoiser: Denoiser;
  readonly #steps: Float32Array;
  /** Of one image. */
  readonly #conditionShape: Shape;
  readonly #conditions: Float32Array;

  constructor(denoiser: Denoiser, size: number) {
    this.#denoiser = denoiser;
    this.size = size;
    this.length = elementCount(denoiser.network.inputShape);
    this.noisy = new Float32Array(size * this.length);
    this.noise = new Float32Array(size * this.length);
    this.targets = new Float32Array(size * this.length);
    this.weights = new Float32Array(size);
    this.#steps = new Float32Array(size);
    const told = denoiser.network.sideInputs?.find(({ name }) => name === classInput);
    this.#conditionShape = told?.shape ?? [0];
    this.#conditions = new Float32Array(size * elementCount(this.#conditionShape));
  }

  /** Draws noise for the image at this place, and mixes it in as much as the step says. `classIndex` −1: no class is told. */
  mix(place: number, image: Float32Array, step: number, classIndex: number, random: Random): void {
    const { schedule, prediction } = this.#denoiser;
    const noise = this.#at(this.noise, place);
    for (let index = 0; index < noise.length; index++) noise[index] = random.normal();
    addNoise(schedule, step, image, noise, this.noisyAt(place));
    predictionTarget(prediction, schedule, step, image, noise, this.targetAt(place));
    this.tell(place, step, classIndex);
  }

  /** What the network is told of the image at this place. */
  tell(place: number, step: number, classIndex: number): void {
    const { texts, needsClass } = this.#denoiser;
    if (classIndex < 0 && needsClass === true) throw new AppError('denoiser-needs-class');
    this.#steps[place] = step;
    const width = elementCount(this.#conditionShape);
    const condition = this.#conditions.subarray(place * width, (place + 1) * width);
    condition.fill(0);
    if (texts !== undefined) texts.read(classIndex, condition);
    else if (classIndex >= 0) condition[classIndex] = 1;
  }

  /** Places from this one on are padding: any legal image will do. */
  pad(from: number): void {
    this.noisy.fill(0, from * this.length);
    this.noise.fill(0, from * this.length);
    this.targets.fill(0, from * this.length);
    this.#steps.fill(0, from);
    this.weights.fill(0, from);
  }

  noisyAt(place: number): Float32Array {
    return this.#at(this.noisy, place);
  }

  noiseAt(place: number): Float32Array {
    return this.#at(this.noise, place);
  }

  targetAt(place: number): Float32Array {
    return this.#at(this.targets, place);
  }

  /** Noisy images and what the network is told of them. */
  told(): Feeds {
    const { network } = this.#denoiser;
    const conditions = float32([this.size, ...this.#conditionShape], this.#conditions);
    return {
      images: float32(imageShape(network, this.size), this.noisy),
      [timeInput]: float32([this.size], this.#steps),
      ...(this.#conditions.length === 0 ? {} : { [classInput]: conditions }),
    };
  }

  /** The same with targets and weights, for a training step. */
  wanted(): Feeds {
    return {
      ...this.told(),
      targets: float32(imageShape(this.#denoiser.network, this.size), this.targets),
      sampleWeights: float32([this.size], this.weights),
    };
  }

  #at(buffer: Float32Array, place: number): Float32Array {
    return buffer.subarray(place * this.length, (place + 1) * this.length);
  }
}
