/** @file What training a generative model, making images with it and attributing them would take. */
import { diffusionMethods, hasGradients } from '../../../core/attribution/diffusion-registry.ts';
import { buildUNet } from '../../../core/nn/denoiser/u-net.ts';
import type {
  AttributeGroupsConfig,
  AttributeQueriesConfig,
  SampleImagesConfig,
  TrainDenoiserConfig,
} from '../../../contract/generation-configs.ts';
import type { ModelId } from '../../../contract/vocabulary.ts';
import { chooseSide } from '../../generating/choose-side.ts';
import { controlSizes } from '../../grouping/control-sizes.ts';
import type { Connection } from '../../storage/connection.ts';
import { listGroups } from '../../storage/groups.ts';
import { listPresentSamples } from '../../storage/labelled-samples.ts';
import { readModel, type StoredModel } from '../../storage/models.ts';
import { listQueries } from '../../storage/queries.ts';
import { readRun } from '../../storage/runs.ts';
import { chooseChannels } from '../../training/training-set.ts';
import { FLOAT_BYTES, PROGRAM_BYTES, type Estimator } from './estimator.ts';

/** Values per pixel and image that a step keeps for its backward pass: channels of the finest level, some sixteen times over. */
const KEPT_VALUES: Readonly<Record<TrainDenoiserConfig['architecture'], number>> = {
  'ddpm-tiny': 16 * 16 * 2,
  'ddpm-small': 32 * 16 * 2,
  'ddpm-base': 64 * 16 * 2,
};
/** Of images that are only looked at. */
const SEEN_VALUES = 400;

interface Input {
  readonly size: number;
  readonly channels: number;
  readonly parameterCount: number;
}

function inputOf(connection: Connection, config: TrainDenoiserConfig): Input {
  const samples = listPresentSamples(connection);
  const size = config.imageSize === 0 ? chooseSide(samples, config.architecture) : config.imageSize;
  const channels = chooseChannels(samples);
  const { architecture } = config;
  const network = buildUNet({ architecture, channels, imageSize: size, classCount: 0, dropout: 0 });
  return { size, channels, parameterCount: network.parameterCount };
}

export const denoiserTrainingEstimator: Estimator<TrainDenoiserConfig> = {
  work: (connection, config) => {
    const { size } = inputOf(connection, config);
    return { kind: `train ${config.architecture}`, amount: config.steps * config.batchSize * size ** 2 };
  },
  trainingSeconds: () => 0,
  resources: (connection, config) => {
    const { size, channels, parameterCount } = inputOf(connection, config);
    const modelBytes = parameterCount * FLOAT_BYTES;
    const stepBytes = config.batchSize * size ** 2 * KEPT_VALUES[config.architecture] * FLOAT_BYTES;
    const pixelBytes = listPresentSamples(connection).length * size ** 2 * channels;
    return {
      // Weights, their average and two vectors of the optimiser, before and after a step, and the gradient.
      memoryBytes: PROGRAM_BYTES + stepBytes + 9 * modelBytes + pixelBytes,
      diskBytes: pixelBytes + modelBytes * (2 + 2 * config.checkpoints),
    };
  },
};

/** The model that a run would work with; null where there is none yet. */
function denoiserOf(connection: Connection, modelId: ModelId | null): StoredModel | null {
  try {
    return readModel(connection, modelId, 'generate');
  } catch {
    return null;
  }
}

export const samplingEstimator: Estimator<SampleImagesConfig> = {
  work: (connection, { modelId, count, steps }) => {
    const model = denoiserOf(connection, modelId);
    if (model === null) return null;
    return { kind: `sample ${model.architecture}`, amount: count * steps * model.imageSize ** 2 };
  },
  trainingSeconds: () => 0,
  resources: (connection, { modelId, count }) => {
    const model = denoiserOf(connection, modelId);
    const area = (model?.imageSize ?? 0) ** 2;
    return { memoryBytes: PROGRAM_BYTES + 64 * area * SEEN_VALUES, diskBytes: count * (area + 1000) };
  },
};

export const queryAttributionEstimator: Estimator<AttributeQueriesConfig> = {
  work: (connection, config) => {
    const model = denoiserOf(connection, config.modelId);
    if (model === null) return null;
    const images = model.trainCount + queryCount(connection, config);
    const method = diffusionMethods[config.method];
    const kind = hasGradients(method) ? `attribute ${config.projection}` : `attribute ${method.features}`;
    const steps = method.features === 'pixels' ? 1 : config.timestepCount;
    const amount = images * steps * memberCount(config) * model.imageSize ** 2;
    return { kind: `${kind} ${model.architecture}`, amount };
  },
  trainingSeconds: (connection, { modelId, models }) => {
    if (models === 1) return 0;
    const seconds = denoiserTrainingSeconds(connection, modelId);
    return seconds === null ? null : (models - 1) * seconds;
  },
  resources: (connection, config) => {
    const model = denoiserOf(connection, config.modelId);
    const images = (model?.trainCount ?? 0) + queryCount(connection, config);
    const columns = Math.min(config.projectionSize, model?.parameterCount ?? config.projectionSize);
    const kernel = Math.min(columns, model?.trainCount ?? columns) ** 2 * 8;
    return {
      memoryBytes: PROGRAM_BYTES + 256 * 2 ** 20 + 3 * kernel + images * columns * FLOAT_BYTES,
      diskBytes: images * columns * 2 * memberCount(config),
    };
  },
};

export const groupAttributionEstimator: Estimator<AttributeGroupsConfig> = {
  work: (connection, config) => {
    const model = denoiserOf(connection, config.modelId);
    if (model === null) return null;
    const removals = removalCount(connection, config);
    switch (config.method) {
      case 'guda':
      case 'ascent': {
        const amount = removals * config.steps * config.batchSize * model.imageSize ** 2;
        return { kind: `unlearn ${model.architecture}`, amount };
      }
      case 'logo':
        return { kind: `measure ${model.architecture}`, amount: removals * model.imageSize ** 2 };
      default:
        return {
          kind: `groups ${config.method} ${model.architecture}`,
          amount: (model.trainCount + queryCount(connection, config)) * model.imageSize ** 2,
        };
    }
  },
  trainingSeconds: (connection, config) => {
    if (config.method !== 'logo') return 0;
    const seconds = denoiserTrainingSeconds(connection, config.modelId);
    return seconds === null ? null : seconds * removalCount(connection, config);
  },
  resources: (connection, config) => {
    const modelBytes = (denoiserOf(connection, config.modelId)?.parameterCount ?? 0) * FLOAT_BYTES;
    const removals = removalCount(connection, config);
    const measured = removals * queryCount(connection, config) * config.timestepCount * 8;
    return {
      memoryBytes: PROGRAM_BYTES + 256 * 2 ** 20 + 10 * modelBytes,
      diskBytes: measured + (config.keepModels ? removals * modelBytes : 0),
    };
  },
};

function memberCount({ ensemble, models, variants }: AttributeQueriesConfig): number {
  return ensemble === 'independent' ? models : models * variants;
}

export function queryCount(
  connection: Connection,
  { queries }: { readonly queries: readonly unknown[] },
): number {
  return queries.length === 0 ? listQueries(connection).length : queries.length;
}

/** Models that are altered: for each group and repeat, and for each random group of each size. */
function removalCount(connection: Connection, config: AttributeGroupsConfig): number {
  const all = listGroups(connection);
  const wanted = new Set(config.groups);
  const groups = wanted.size === 0 ? all : all.filter(({ id }) => wanted.has(id));
  const sizes = new Set(controlSizes(groups.map(({ memberCount: size }) => size)));
  return groups.length * config.repeats + sizes.size * config.controls;
}

/** Of the model's own training; null where it was not trained here in one go. */
export function denoiserTrainingSeconds(connection: Connection, modelId: ModelId | null): number | null {
  const model = denoiserOf(connection, modelId);
  if (model === null) return null;
  const { kind, startedAt, finishedAt } = readRun(connection, model.runId);
  if (kind !== 'train-denoiser' || startedAt === null || finishedAt === null) return null;
  return (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
}
