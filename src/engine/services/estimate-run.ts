/** @file What a run would take: time from how fast this machine was before, memory and disk from what is kept. */
import type { AttributeConfig, RunEstimate, RunPlan, TrainConfig } from '../../contract/runs-service.ts';
import type { z } from 'zod';
import { buildClassifier } from '../../core/nn/classifier.ts';
import { inspectSource } from '../importing/inspect-source.ts';
import type { Connection } from '../storage/connection.ts';
import { listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import { readModel } from '../storage/models.ts';
import { chooseChannels, chooseImageSize } from '../training/training-set.ts';

type Estimate = z.infer<typeof RunEstimate>;

/** Work in a unit that time is proportional to, for runs of one `kind`. */
export interface RunWork {
  readonly kind: string;
  readonly amount: number;
}

interface Resources {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

const FLOAT_BYTES = 4;
/** Node, SQLite and ONNX Runtime before they hold any data. */
const PROGRAM_BYTES = 200e6;
/** Of an image: two WebP thumbnails and its row with indexes. */
const IMPORTED_IMAGE_BYTES = 12e3;
/** Larger pixel caches are read from disk while training. */
const CACHED_PIXELS_BYTES = 256 * 2 ** 20;
/** Values per pixel and image that a step keeps for its backward pass: the first layer's channels, there and back. */
const KEPT_VALUES: Readonly<Record<TrainConfig['architecture'], number>> = {
  linear: 2,
  mlp: 4,
  cnn: 32 * 4,
  resnet9: 32 * 8,
};
/** Of brought networks: those of the usual kinds shrink their images early. */
const KEPT_VALUES_OF_FILES = 200;

/** `speedOf` answers how much work of a kind this machine does in a second, or null where it has done none. */
export async function estimateRun(
  connection: Connection,
  plan: RunPlan,
  speedOf: (kind: string) => number | null,
): Promise<Estimate> {
  const resources = await estimateResources(connection, plan);
  const work = measureWork(connection, plan);
  const speed = work === null ? null : speedOf(work.kind);
  if (work === null || speed === null) {
    const note = 'This machine has not done such work yet: the time left shows once it runs.';
    return { ...resources, seconds: null, note };
  }
  return { ...resources, seconds: work.amount / speed, note: 'From how fast this machine was last time.' };
}

/** How much work a plan is; null where it cannot be told beforehand. */
export function measureWork(connection: Connection, plan: RunPlan): RunWork | null {
  if (plan.kind === 'import') return null;
  const samples = listPresentSamples(connection);
  if (plan.kind === 'issues') return { kind: 'issues', amount: samples.length };
  if (plan.kind === 'attribute') {
    const { architecture, imageSize, channels } = readModel(connection, plan.config.modelId);
    const { projection, projectionSize } = plan.config;
    return {
      kind: `attribute ${architecture} ${projection} ${projectionSize}`,
      amount: samples.length * imageSize ** 2 * channels,
    };
  }
  if (plan.kind === 'evaluate') {
    const { imageSize, name } = plan.config.choices;
    return { kind: `evaluate ${name}`, amount: samples.length * imageSize ** 2 };
  }
  if (plan.kind !== 'train') return { kind: plan.kind, amount: samples.length };
  const { epochs, folds } = plan.config;
  const trained = samples.filter((sample) => sample.split === 'train' && sample.label !== null).length;
  // Each of k folds trains on all but a k-th of the images.
  const passes = epochs * (1 + Math.max(0, folds - 1));
  const { size, channels, architecture } = inputOf(connection, samples, plan.config);
  return { kind: `train ${architecture}`, amount: passes * trained * size ** 2 * channels };
}

async function estimateResources(connection: Connection, plan: RunPlan): Promise<Resources> {
  if (plan.kind === 'import') {
    const { imageCount } = await inspectSource(plan.config.sourcePath);
    return { memoryBytes: PROGRAM_BYTES, diskBytes: imageCount * IMPORTED_IMAGE_BYTES };
  }
  const samples = listPresentSamples(connection);
  if (plan.kind === 'train') return trainingResources(connection, samples, plan.config);
  if (plan.kind === 'attribute') return attributionResources(samples.length, plan.config);
  return { memoryBytes: PROGRAM_BYTES, diskBytes: samples.length * 200 };
}

function trainingResources(
  connection: Connection,
  samples: readonly PresentSample[],
  config: TrainConfig,
): Resources {
  const input = inputOf(connection, samples, config);
  const { size, channels, parameterCount } = input;
  const classCount = countClasses(samples);
  const { folds, batchSize, optimizer } = config;
  const pixelBytes = samples.length * size ** 2 * channels;
  const modelBytes = parameterCount * FLOAT_BYTES;
  const stepBytes = batchSize * size ** 2 * input.keptValues * FLOAT_BYTES;
  // Weights and gradients, and one (momentum) or two (AdamW) values of the optimiser; each there before and after a step.
  const stateBytes = modelBytes * (optimizer === 'adamw' ? 4 : 3) * 2;
  return {
    memoryBytes: PROGRAM_BYTES + Math.min(pixelBytes, CACHED_PIXELS_BYTES) + stepBytes + stateBytes,
    diskBytes: pixelBytes + modelBytes * (1 + folds) + samples.length * classCount * FLOAT_BYTES,
  };
}

function attributionResources(sampleCount: number, { projectionSize, topCount }: AttributeConfig): Resources {
  const gramBytes = projectionSize ** 2 * FLOAT_BYTES;
  return {
    // The Gram matrix, its factor and a block of features of the same order.
    memoryBytes: PROGRAM_BYTES + 4 * gramBytes,
    diskBytes: sampleCount * (projectionSize * FLOAT_BYTES + topCount * 2 * 24),
  };
}

interface TrainedNetwork {
  readonly architecture: string;
  readonly size: number;
  readonly channels: number;
  readonly parameterCount: number;
  /** See KEPT_VALUES. */
  readonly keptValues: number;
}

function inputOf(
  connection: Connection,
  samples: readonly PresentSample[],
  config: TrainConfig,
): TrainedNetwork {
  const { architecture, dropout } = config;
  if (config.from !== null) {
    const base = readModel(connection, config.from);
    return { ...base, size: base.imageSize, keptValues: KEPT_VALUES_OF_FILES };
  }
  const size = config.imageSize === 0 ? chooseImageSize(samples) : config.imageSize;
  const channels = chooseChannels(samples);
  const network = { architecture, channels, imageSize: size, classCount: countClasses(samples), dropout };
  const { parameterCount } = buildClassifier(network);
  return { architecture, size, channels, parameterCount, keptValues: KEPT_VALUES[architecture] };
}

function countClasses(samples: readonly PresentSample[]): number {
  return Math.max(2, new Set(samples.map((sample) => sample.label)).size);
}
