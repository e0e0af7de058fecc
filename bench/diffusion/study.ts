/**
 * @file What the studies of generative models share: Fashion-MNIST at 16 × 16, as many images of each class as a study asks for, a denoiser of 0.28 M parameters, and models
 * trained on parts of the images. Trained models are kept in the system's folder for temporary files, so that a bench that is run again does not train again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { Random } from '../../src/core/base/random.ts';
import { buildSchedule, usualSchedule } from '../../src/core/diffusion/noise-schedule.ts';
import { buildUNet } from '../../src/core/nn/denoiser/u-net.ts';
import { readVectorFile, writeVectorFile } from '../../src/engine/artifacts/vector-file.ts';
import { openStoredFile } from '../../src/engine/sources/folder-tree.ts';
import { readIdxPair } from '../../src/engine/sources/idx.ts';
import { pixelImages } from '../../src/engine/generating/clean-images.ts';
import type { Denoiser } from '../../src/engine/generating/denoiser.ts';
import { DenoiserSteps } from '../../src/engine/generating/denoiser-steps.ts';
import {
  stepOptionsOf,
  trainDenoiser,
  type DenoiserSettings,
} from '../../src/engine/generating/train-denoiser.ts';
import { createOrtMatrixEngine } from '../../src/engine/runtime/ort-matrix-engine.ts';
import { createOrtExecutor } from '../../src/engine/runtime/ort-executor.ts';
import { probeCpuProfile } from '../../src/engine/runtime/probe-blocks.ts';
import { memoryPixels, type PixelSource } from '../../src/engine/training/pixel-source.ts';
import type { Executor } from '../../src/core/execution/executor.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import { fashionClassCount, fashionFolder } from '../data/fashion-mnist.ts';
import { cachePath } from '../data/cache-path.ts';
import { processorSeconds } from './processor-time.ts';

export const imageSide = 16;

export interface StudyData {
  /** Images to learn from first, class after class in turn; then those that no model learns. */
  readonly pixels: PixelSource;
  readonly bytes: Uint8Array;
  readonly labels: Int32Array;
  readonly trainRows: Int32Array;
  readonly heldOutRows: Int32Array;
}

export interface StudySizes {
  readonly trainPerClass: number;
  readonly heldOutPerClass: number;
}

/** The training images are of the train split, those held out of the test split; both drawn by the seed. */
export async function readStudyData(sizes: StudySizes, seed: number): Promise<StudyData> {
  const train = await drawPerClass('train', sizes.trainPerClass, seed);
  const heldOut = await drawPerClass('t10k', sizes.heldOutPerClass, seed);
  const images = [...train.images, ...heldOut.images];
  const area = imageSide ** 2;
  const bytes = new Uint8Array(images.length * area);
  for (const [place, image] of images.entries()) bytes.set(await shrink(image), place * area);
  const count = train.labels.length;
  return {
    pixels: memoryPixels(bytes, 1, imageSide),
    bytes,
    labels: Int32Array.from([...train.labels, ...heldOut.labels]),
    trainRows: Int32Array.from({ length: count }, (_, row) => row),
    heldOutRows: Int32Array.from({ length: heldOut.labels.length }, (_, index) => count + index),
  };
}

async function drawPerClass(
  split: 'train' | 't10k',
  perClass: number,
  seed: number,
): Promise<{ images: Uint8Array[]; labels: number[] }> {
  const { images, labels } = await readIdxPair(
    await openStoredFile(path.join(fashionFolder, `${split}-images-idx3-ubyte.gz`)),
    await openStoredFile(path.join(fashionFolder, `${split}-labels-idx1-ubyte.gz`)),
  );
  const order = new Random(seed, `study/diffusion/${split}`).permutation(labels.length);
  const chosen: number[] = [];
  for (let label = 0; label < fashionClassCount; label++)
    chosen.push(...Array.from(order.filter((image) => labels[image] === label).subarray(0, perClass)));
  const area = images.data.length / labels.length;
  return {
    images: chosen.map((image) => images.data.subarray(image * area, (image + 1) * area)),
    labels: chosen.map((image) => labels[image]!),
  };
}

/** As the app fits images into its squares. */
async function shrink(image: Uint8Array): Promise<Uint8Array> {
  const side = Math.sqrt(image.length);
  return sharp(Buffer.from(image), { raw: { width: side, height: side, channels: 1 } })
    .resize(imageSide, imageSide, { fit: 'inside' })
    .toColourspace('b-w')
    .raw()
    .toBuffer();
}

export const studyDenoiser: Denoiser = {
  network: buildUNet({
    architecture: 'ddpm-tiny',
    channels: 1,
    imageSize: imageSide,
    classCount: 0,
    dropout: 0,
  }),
  schedule: buildSchedule(usualSchedule('cosine', 1000)),
  prediction: 'epsilon',
  classCount: 0,
};

export const studySettings: DenoiserSettings = {
  steps: 1000,
  batchSize: 32,
  learningRate: 1.5e-3,
  learningRateSchedule: 'cosine',
  weightDecay: 1e-4,
  averageDecay: 0.995,
  augmentation: [],
  conditionDropout: 0,
  seed: 0,
};

/** Steps of small networks gain nothing from a second thread; and equal threads give equal bits. */
const THREADS = 1;

export async function studyExecutor(): Promise<Executor> {
  return createOrtExecutor({ threads: THREADS, cpuProfile: await probeCpuProfile() });
}

export interface TrainedPair {
  readonly parameters: Float32Array;
  /** Their moving average. */
  readonly average: Float32Array;
  /** Processor time that training took when it was done. */
  readonly seconds: number;
}

const Header = z.object({ seconds: z.number() });

export class StudyModels {
  readonly executor: Executor;
  readonly data: StudyData;
  readonly settings: DenoiserSettings;
  #steps: DenoiserSteps | null = null;

  constructor(executor: Executor, data: StudyData, settings: DenoiserSettings) {
    this.executor = executor;
    this.data = data;
    this.settings = settings;
  }

  /** A model that learned these rows; all start from the same first parameters. */
  async trainedOn(rows: Int32Array, stream: string): Promise<TrainedPair> {
    const key = createHash('sha256')
      .update(JSON.stringify([this.settings, studyDenoiser.network.parameterCount, stream, THREADS]))
      .update(this.data.bytes)
      .update(rows)
      .digest('hex');
    const file = path.join(cachePath, `denoiser-${key.slice(0, 32)}.f32`);
    const kept = readVectorFile(file, Header);
    if (kept !== null) return { ...kept.header, parameters: kept.vectors[0]!, average: kept.vectors[1]! };
    mkdirSync(cachePath, { recursive: true });
    const { result: trained, seconds } = await processorSeconds(() => this.#train(rows, stream));
    const { parameters, average } = trained;
    writeVectorFile(file, { seconds }, [parameters, average]);
    return { parameters, average, seconds };
  }

  /** Processor time of so many steps of training on these rows; nothing is kept. */
  async trainingSeconds(rows: Int32Array, steps: number): Promise<number> {
    return (await processorSeconds(() => this.#train(rows, 'timed', { ...this.settings, steps }))).seconds;
  }

  async #train(
    rows: Int32Array,
    stream: string,
    settings = this.settings,
  ): Promise<{ parameters: Float32Array; average: Float32Array }> {
    this.#steps ??= await DenoiserSteps.open(
      this.executor,
      studyDenoiser,
      stepOptionsOf(this.settings, rows.length),
    );
    const { pixels, labels } = this.data;
    return trainDenoiser(
      this.executor,
      {
        ...{
          denoiser: studyDenoiser,
          origin: null,
          images: pixelImages(pixels),
          labels,
          rows,
          settings,
          stream,
        },
        initialStream: 'main',
        checkpointPath: null,
      },
      this.#steps,
    );
  }

  async dispose(): Promise<void> {
    await this.#steps?.dispose();
    this.#steps = null;
  }
}

export interface Study {
  readonly models: StudyModels;
  readonly engine: MatrixEngine;
  /** The model that learned all training images. */
  readonly whole: TrainedPair;
}

/** Opens what a study works with, and closes it after. */
export async function withStudy<Result>(
  { perClass, trainingSteps: steps }: { readonly perClass: number; readonly trainingSteps: number },
  seed: number,
  work: (study: Study) => Promise<Result>,
): Promise<Result> {
  const data = await readStudyData({ trainPerClass: perClass, heldOutPerClass: 20 }, seed);
  const models = new StudyModels(await studyExecutor(), data, { ...studySettings, steps, seed });
  const engine = createOrtMatrixEngine({ threads: THREADS });
  try {
    return await work({ models, engine, whole: await models.trainedOn(data.trainRows, 'main') });
  } finally {
    await models.dispose();
    await engine.dispose();
  }
}
