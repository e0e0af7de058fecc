/** @file What a training would take. */
import { buildClassifier } from '../../../core/nn/classifier.ts';
import type { TrainConfig } from '../../../contract/runs-service.ts';
import type { Connection } from '../../storage/connection.ts';
import { listPresentSamples, type PresentSample } from '../../storage/labelled-samples.ts';
import { readModel } from '../../storage/models.ts';
import { chooseChannels, chooseImageSize } from '../../training/training-set.ts';
import { FLOAT_BYTES, PROGRAM_BYTES, type Estimator, type Resources } from './estimator.ts';

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

export const trainingEstimator: Estimator<TrainConfig> = {
  work: (connection, config) => {
    const samples = listPresentSamples(connection);
    const { epochs, folds } = config;
    const trained = samples.filter((sample) => sample.split === 'train' && sample.label !== null).length;
    // Each of k folds trains on all but a k-th of the images.
    const passes = epochs * (1 + Math.max(0, folds - 1));
    const { size, channels, architecture } = inputOf(connection, samples, config);
    return { kind: `train ${architecture}`, amount: passes * trained * size ** 2 * channels };
  },
  trainingSeconds: () => 0,
  resources: (connection, config) => trainingResources(connection, listPresentSamples(connection), config),
};

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
