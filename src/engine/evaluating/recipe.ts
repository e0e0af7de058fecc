/** @file How a stored model came about, so that it can be trained again on other images. */
import { AppError } from '../../core/base/app-error.ts';
import type { Network } from '../../core/nn/network.ts';
import { fineTuningDefaults, TrainConfig, type EpochMetrics } from '../../contract/runs-service.ts';
import type { ModelId, SampleId } from '../../contract/vocabulary.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import { MAIN_FOLD, readEpochs, readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readRunPlan } from '../storage/runs.ts';
import { readModelOf } from '../training/model-artifact.ts';
import { startOf } from '../training/network-start.ts';
import type { TrainingSettings } from '../training/training-task.ts';

export interface Recipe {
  /** Its initial parameters are those that a training starts with. */
  readonly network: Network;
  /** What the network and its first parameters are made from, as JSON. */
  readonly origin: unknown;
  /** Without patience: trainings end after `epochs`, whatever they would see of other images. */
  readonly settings: TrainingSettings;
  /** How many epochs of the schedule the model itself has learned. */
  readonly epochs: number;
  /** For a person: why leaving images out changes less than it should; null where nothing speaks against it. */
  readonly caution: string | null;
}

/** The recipe of a model that was trained here; for one that was brought with its weights, fine-tuning from them. */
export function recipeOf(folder: ProjectFolder, model: LoadedModel): Recipe {
  const config = configOf(folder, model.id);
  const { connection } = folder;
  const learned = new Set(model.learned.map((row) => row.sampleId));
  const start = config.from === null ? ownStart(folder, model) : startFrom(folder, model, config);
  const curve = readEpochs(connection, readModel(connection, model.id).runId, MAIN_FOLD);
  return {
    ...start,
    settings: settingsOf(config),
    epochs: curve.length === 0 ? config.epochs : epochsLearned(curve, config.patience),
    caution: config.from === null ? null : cautionAbout(folder, config.from, learned),
  };
}

function configOf(folder: ProjectFolder, modelId: ModelId): TrainConfig {
  const plan = readRunPlan(folder.connection, readModel(folder.connection, modelId).runId);
  if (plan.kind === 'train') return { ...plan.config, folds: 0 };
  return TrainConfig.parse({ ...fineTuningDefaults, from: modelId, folds: 0 });
}

function ownStart(folder: ProjectFolder, model: LoadedModel): Pick<Recipe, 'network' | 'origin'> {
  const { network } = readModelOf(folder, readModel(folder.connection, model.id));
  return { network: model.classifier, origin: network };
}

function startFrom(
  folder: ProjectFolder,
  { id, samples, classIds }: LoadedModel,
  config: TrainConfig,
): Pick<Recipe, 'network' | 'origin'> {
  const { network, identity } = startOf(folder, config, {
    samples,
    classIds,
    candidateRows: new Int32Array(0),
  });
  if (network.parameterCount === 0)
    throw new AppError('model-cannot-retrain', { modelId: id, reason: 'none of its parameters are trained' });
  return { network, origin: identity };
}

function settingsOf(config: TrainConfig): TrainingSettings {
  const { epochs, batchSize, optimizer, learningRate, momentum, weightDecay, schedule, augmentation, seed } =
    config;
  return {
    epochs,
    batchSize,
    optimizer,
    learningRate,
    momentum,
    weightDecay,
    schedule,
    augmentation,
    patience: 0,
    seed,
  };
}

/** With patience the parameters of the best epoch were kept, else those of the last. */
function epochsLearned(curve: readonly EpochMetrics[], patience: number): number {
  if (patience === 0) return curve.length;
  const losses = curve.map((epoch) => epoch.validationLoss ?? Infinity);
  const best = Math.min(...losses);
  return best === Infinity ? curve.length : losses.indexOf(best) + 1;
}

function cautionAbout(folder: ProjectFolder, baseId: ModelId, learned: ReadonlySet<SampleId>): string | null {
  const base = readModelOf(folder, readModel(folder.connection, baseId));
  if (!base.learned.some(({ sampleId }) => learned.has(sampleId))) return null;
  return `Trainings start from the weights of model ${baseId}, which has learned some of these images already: what leaving them out changes is underestimated.`;
}
