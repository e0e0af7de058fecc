/** @file What a training starts with: a new network of a built-in architecture, or a model that the project has. */
import { AppError } from '../../core/base/app-error.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import type { Network } from '../../core/nn/network.ts';
import type { TrainConfig } from '../../contract/runs-service.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import {
  isFromFile,
  type BuiltInNetwork,
  type FileNetwork,
  type NetworkDescription,
} from '../modelling/network-description.ts';
import { openNetwork } from '../modelling/open-network.ts';
import { planeCount, readModel, type Normalization, type StoredModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readModelOf, type ModelArtifact } from './model-artifact.ts';
import { chooseChannels, chooseImageSize, type TrainingSet } from './training-set.ts';

export interface NetworkStart {
  readonly description: NetworkDescription;
  /** Its initial parameters are those that training starts with. */
  readonly network: Network;
  readonly naming: Pick<StoredModel, 'origin' | 'architecture' | 'baseModelId'>;
  readonly imageSize: number;
  readonly channels: 1 | 3;
  /** null: measured on the training images. */
  readonly normalization: Normalization | null;
  /** As JSON: everything that the network and its first parameters come from. */
  readonly identity: unknown;
}

/** What a start depends on of the images that are learned from. */
export type StartingSet = Pick<TrainingSet, 'samples' | 'classIds' | 'candidateRows'>;

type BaseModel = ModelArtifact & { readonly stored: StoredModel & { readonly id: ModelId } };

export function startOf(folder: ProjectFolder, config: TrainConfig, set: StartingSet): NetworkStart {
  if (config.from !== null) return startFrom(folder, config.from, config, set);
  if (config.loraRank > 0)
    throw new AppError('usage-invalid', { reason: 'Adapters need a model to start from, brought as a file' });
  const description: BuiltInNetwork = {
    architecture: config.architecture,
    channels: chooseChannels(set.samples),
    imageSize: config.imageSize === 0 ? chooseImageSize(set.samples) : config.imageSize,
    classCount: set.classIds.length,
    dropout: config.dropout,
  };
  return {
    description,
    network: buildClassifier(description),
    naming: { origin: 'built-in', architecture: config.architecture, baseModelId: null },
    imageSize: description.imageSize,
    channels: description.channels === 1 ? 1 : 3,
    normalization: null,
    identity: description,
  };
}

function startFrom(
  folder: ProjectFolder,
  modelId: ModelId,
  config: TrainConfig,
  set: StartingSet,
): NetworkStart {
  const stored = readModel(folder.connection, modelId);
  const base: BaseModel = { ...readModelOf(folder, stored), stored };
  requireUnseen(base, config, set);
  const description = adaptDescription(base, config, set);
  const adapted = openNetwork(folder.path, description);
  const isFresh = config.keep === 'architecture';
  const freshHead = hasOtherHead(description, base, set);
  const source = isFresh ? null : openNetwork(folder.path, base.network);
  return {
    description,
    network:
      source === null
        ? adapted
        : {
            ...adapted,
            initialParameters: (seed) => carryOver(adapted, seed, source, base.parameters, freshHead),
          },
    naming: {
      origin: stored.origin,
      architecture: stored.architecture,
      baseModelId: isFresh ? null : modelId,
    },
    imageSize: stored.imageSize,
    channels: planeCount(stored.normalization),
    normalization: stored.normalization,
    identity: { description, base: isFresh ? null : base.parametersSha256 },
  };
}

/** Folds say what a model predicts for images that it has not seen; weights that have seen them cannot. */
function requireUnseen({ learned, stored }: BaseModel, config: TrainConfig, set: StartingSet): void {
  if (config.folds === 0 || config.keep === 'architecture') return;
  const seen = new Set(learned.map((entry) => entry.sampleId));
  if (!set.candidateRows.some((row) => seen.has(set.samples[row]!.id))) return;
  throw new AppError('model-cannot-start', {
    modelId: stored.id,
    reason:
      'it has learned these images already, so that cross-validation would not be out of sample. Train without folds (0)',
  });
}

function adaptDescription(base: BaseModel, config: TrainConfig, set: StartingSet): NetworkDescription {
  const { network, stored } = base;
  if (isFromFile(network)) return adaptFile(network, base, config, set);
  if (config.loraRank > 0)
    throw new AppError('model-cannot-start', {
      modelId: stored.id,
      reason: 'adapters are for models that were brought as a file',
    });
  return { ...network, classCount: set.classIds.length };
}

function adaptFile(
  network: FileNetwork,
  { stored }: BaseModel,
  config: TrainConfig,
  set: StartingSet,
): FileNetwork {
  const refuse = (reason: string): never => {
    throw new AppError('model-cannot-start', { modelId: stored.id, reason });
  };
  if (config.keep === 'architecture')
    return refuse(
      'a file does not say how its weights are to be drawn anew; its architecture alone is no start',
    );
  const rank = config.loraRank === 0 ? network.loraRank : config.loraRank;
  if (rank !== network.loraRank && stored.baseModelId !== null)
    return refuse('its weights were trained here already; adapters start from a model as it was brought');
  const kept = { ...network, loraRank: rank };
  if (hasSameClasses(stored, set)) return kept;
  const columns = set.classIds.map((classId) => stored.classIds.indexOf(classId));
  if (columns.includes(-1) || network.newHead !== null)
    return { ...kept, columns: null, newHead: columns.length };
  const own = network.columns;
  return { ...kept, columns: own === null ? columns : columns.map((column) => own[column]!) };
}

function hasSameClasses({ classIds }: Pick<StoredModel, 'classIds'>, set: StartingSet): boolean {
  return classIds.join() === set.classIds.join();
}

/** Whether what was learned of the classes does not hold for those of the adapted network. */
function hasOtherHead(description: NetworkDescription, { stored }: BaseModel, set: StartingSet): boolean {
  const keepsFileHead = isFromFile(description) && description.newHead === null;
  return !keepsFileHead && !hasSameClasses(stored, set);
}

/**
 * The adapted network's own first parameters, but what the base has under the same name and shape is taken from there. A head for other
 * classes begins anew: its weight and its bias are the last parameters of every network that has one of its own.
 */
function carryOver(
  adapted: Network,
  seed: number,
  base: Network,
  values: Float32Array,
  freshHead: boolean,
): Float32Array<ArrayBuffer> {
  const vector = adapted.initialParameters(seed);
  const known = new Map(base.parameters.map((parameter) => [parameter.name, parameter]));
  const carried = freshHead ? adapted.parameters.slice(0, -2) : adapted.parameters;
  for (const { name, shape, offset } of carried) {
    const from = known.get(name);
    if (from?.shape.join() !== shape.join()) continue;
    const length = shape.reduce((product, extent) => product * extent, 1);
    vector.set(values.subarray(from.offset, from.offset + length), offset);
  }
  return vector;
}
