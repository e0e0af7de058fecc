/**
 * @file The training loop: one compiled step per batch, seeded order, curves, early stop, a checkpoint after each epoch.
 * What happens in an epoch depends only on the state at its start, so a resumed training ends in the same bits.
 */
import { createHash } from 'node:crypto';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import { emptyDynamics, type ObservedTraining } from '../../core/curation/training-dynamics.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { optimizerStateVectors } from '../../core/nn/optimizers.ts';
import type { EpochMetrics } from '../../contract/runs-service.ts';
import { halvingBatches } from './batch-size.ts';
import { readCheckpoint, writeCheckpoint, type TrainingState } from './checkpoint.ts';
import { evaluate, predictRows } from './predict.ts';
import { TrainingSessions } from './training-sessions.ts';
import { TrainingStep } from './training-step.ts';
import type { TrainingTask } from './training-task.ts';

export interface TrainedClassifier {
  readonly parameters: Float32Array;
  readonly metrics: readonly EpochMetrics[];
  /** How many epochs the parameters have seen. */
  readonly epochCount: number;
  /** What was seen of the training rows, in their order, over all epochs that were done. */
  readonly observed: Pick<ObservedTraining, 'sums' | 'epochCount'>;
}

/** `shared`: sessions that were opened for this network, settings and pixels, and stay open; without them the training has its own. */
export async function trainClassifier(
  executor: Executor,
  task: TrainingTask,
  shared?: TrainingSessions,
): Promise<TrainedClassifier> {
  const { checkpointPath, settings } = task;
  const argumentsHash = hashArguments(task);
  const epochLimit = task.epochLimit ?? settings.epochs;
  const kept = checkpointPath === null ? null : readCheckpoint(checkpointPath, argumentsHash);
  let state = kept ?? startingState(task);
  const sessions = shared ?? new TrainingSessions(executor, task);
  const steps = new StepHolder(sessions, task);
  try {
    while (state.epoch < epochLimit && !hasStopped(state, settings.patience)) {
      state = await doEpoch(executor, task, state, steps);
      await task.afterEpoch?.(state.epoch - 1, state.parameters);
      if (checkpointPath !== null) writeCheckpoint(checkpointPath, argumentsHash, state);
      task.onEpoch?.(state.metrics.at(-1)!);
    }
  } finally {
    if (shared === undefined) await sessions.dispose();
  }
  return toResult(state, settings.patience);
}

/** With patience, the parameters of the best epoch; else the last ones. */
function toResult(state: TrainingState, patience: number): TrainedClassifier {
  const { best, epoch, metrics, parameters, dynamics } = state;
  const observed = { sums: dynamics, epochCount: epoch };
  if (patience === 0 || best === null) return { parameters, metrics, epochCount: epoch, observed };
  return { parameters: best.parameters, metrics, epochCount: best.epoch + 1, observed };
}

/** The steps of one training, for the batch size in use. */
class StepHolder {
  readonly #sessions: TrainingSessions;
  readonly #task: TrainingTask;
  #open: { readonly batchSize: number; readonly step: TrainingStep } | null = null;

  constructor(sessions: TrainingSessions, task: TrainingTask) {
    this.#sessions = sessions;
    this.#task = task;
  }

  async ofSize(batchSize: number): Promise<TrainingStep> {
    if (this.#open?.batchSize === batchSize) return this.#open.step;
    this.#open = {
      batchSize,
      step: new TrainingStep(this.#task, await this.#sessions.ofSize(batchSize)),
    };
    return this.#open.step;
  }
}

function startingState({ classifier, settings, stream, trainRows }: TrainingTask): TrainingState {
  const batchSize = Math.min(settings.batchSize, trainRows.length);
  const stateLength = optimizerStateVectors[settings.optimizer] * classifier.parameterCount;
  const seed = new Random(settings.seed, `parameters/${stream}`).uint32();
  return {
    epoch: 0,
    batchSize,
    parameters: classifier.initialParameters(seed),
    optimizerState: new Float32Array(stateLength),
    dynamics: emptyDynamics(trainRows.length),
    metrics: [],
    best: null,
  };
}

function hasStopped({ best, epoch }: TrainingState, patience: number): boolean {
  return patience > 0 && best !== null && epoch - 1 - best.epoch >= patience;
}

async function doEpoch(
  executor: Executor,
  task: TrainingTask,
  state: TrainingState,
  steps: StepHolder,
): Promise<TrainingState> {
  let batchSize = state.batchSize;
  // An epoch that ran out of memory starts again from its beginning: nothing of the failed attempt is left in the result.
  const trained = await halvingBatches(batchSize, 'Training', async (size) => {
    batchSize = size;
    return (await steps.ofSize(size)).epoch(state);
  });
  const validation = await validate(executor, task, trained.parameters);
  const metrics: EpochMetrics = {
    epoch: state.epoch,
    trainLoss: trained.loss,
    trainAccuracy: trained.accuracy,
    validationLoss: validation?.loss ?? null,
    validationAccuracy: validation?.accuracy ?? null,
  };
  const isBest = validation !== null && validation.loss < (state.best?.loss ?? Infinity);
  return {
    epoch: state.epoch + 1,
    batchSize,
    parameters: trained.parameters,
    optimizerState: trained.optimizerState,
    dynamics: trained.dynamics,
    metrics: [...state.metrics, metrics],
    best:
      isBest && task.settings.patience > 0
        ? { epoch: state.epoch, loss: validation.loss, parameters: trained.parameters }
        : state.best,
  };
}

async function validate(
  executor: Executor,
  task: TrainingTask,
  parameters: Float32Array,
): Promise<{ loss: number; accuracy: number } | null> {
  if (task.validationRows.length === 0) return null;
  throwIfCancelled(task.signal);
  const { classifier, pixels, normalization, signal } = task;
  const rows = task.validationRows;
  const { logits } = await predictRows(executor, {
    classifier,
    parameters,
    pixels,
    normalization,
    rows,
    signal,
  });
  const labels = task.validationRows.map((row) => task.labels[row]!);
  return evaluate(logits, labels, task.classifier.outputCount);
}

/** Of everything the final parameters depend on: a checkpoint is only taken up by the training that wrote it. */
function hashArguments(task: TrainingTask): string {
  const { settings, origin, stream, normalization, trainRows, validationRows, labels } = task;
  return createHash('sha256')
    .update(JSON.stringify({ settings, network: origin, stream, normalization }))
    .update(trainRows)
    .update(validationRows)
    .update(trainRows.map((row) => labels[row]!))
    .digest('hex');
}
