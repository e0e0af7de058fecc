/** @file The run that trains a denoiser: curve, sheets of images along the way, checkpoints, and the model stored at the end. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import { chooseSteps } from '../../core/diffusion/evidence-bound.ts';
import { usualSchedule } from '../../core/diffusion/noise-schedule.ts';
import { sizeMultiple } from '../../core/nn/denoiser/u-net.ts';
import { elementCount } from '../../core/tensor/tensor.ts';
import type { TrainDenoiserConfig } from '../../contract/generation-configs.ts';
import type { ClassId, ModelId } from '../../contract/vocabulary.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { listPresentSamples, type PresentSample } from '../storage/labelled-samples.ts';
import { findModelOfRun, insertModel, readModel, type StoredDenoiserFacts } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { listMembers } from '../storage/subsets.ts';
import type { TrainingTools } from '../training/train-run.ts';
import { chooseChannels, hashSamples } from '../training/training-set.ts';
import { chooseSide } from './choose-side.ts';
import type { CleanImages } from './clean-images.ts';
import { writeDenoiserArtifact } from './denoiser-artifact.ts';
import { keepDenoiserCheckpoint, plannedCheckpoints } from './denoiser-checkpoints.ts';
import type { DenoiserDescription } from './denoiser-description.ts';
import { openDenoiser, signedPixels, type Denoiser } from './denoiser.ts';
import type { DenoiserState } from './denoiser-steps.ts';
import { imagesAsQueries } from './images-as-queries.ts';
import { makeImages } from './make-images.ts';
import { openCodec } from './open-codec.ts';
import { measureErrors } from './query-errors.ts';
import type { QuerySet } from './query-set.ts';
import { SHEET_COUNT, writeSheet } from './sheets.ts';
import { trainDenoiser, type DenoiserTask, type TrainedDenoiser } from './train-denoiser.ts';

interface Work {
  readonly folder: ProjectFolder;
  readonly config: TrainDenoiserConfig;
  readonly context: RunContext;
  readonly tools: TrainingTools;
  readonly samples: readonly PresentSample[];
  readonly trainRows: Int32Array;
  /** Images of the other splits, a few: what the loss on unseen images is measured on. */
  readonly heldOutRows: Int32Array;
  readonly classIds: readonly ClassId[];
  readonly labels: Int32Array;
  readonly description: DenoiserDescription;
  readonly denoiser: Denoiser;
  readonly images: CleanImages;
}

const HELD_OUT_IMAGES = 128;
const HELD_OUT_STEPS = 10;
const SHEET_STEPS = 25;

export async function trainDenoiserRun(
  folder: ProjectFolder,
  config: TrainDenoiserConfig,
  context: RunContext,
  tools: TrainingTools,
): Promise<RunSummary> {
  const done = findModelOfRun(folder.connection, context.runId);
  if (done !== null) return summarize(folder, done);
  const work = await prepare(folder, config, context, tools);
  try {
    const { network } = work.denoiser;
    await tools.settleProvider?.({ network, parameters: network.initialParameters(config.seed) });
    const workPath = join(folder.modelsPath, `run-${context.runId}.partial`);
    mkdirSync(workPath, { recursive: true });
    const watch = new TrainingWatch(work);
    const trained = await trainDenoiser(tools.executor, {
      ...taskOf(work),
      checkpointPath: join(workPath, 'main.checkpoint'),
      signal: context.signal,
      onStep: ({ step, loss }) =>
        context.progress(`Step ${step} of ${config.steps}`, (0.98 * step) / config.steps, { loss }),
      afterStep: (state) => watch.after(state),
      measureUnseen: (state) => watch.measure(state),
    });
    const modelId = store(work, trained);
    rmSync(workPath, { recursive: true, force: true });
    return summarize(folder, modelId);
  } finally {
    work.images.close();
  }
}

/** What a training learns, and how; also of trainings that are compared with it. */
export function taskOf(
  work: Pick<Work, 'denoiser' | 'description' | 'images' | 'trainRows' | 'labels' | 'config'>,
): Omit<DenoiserTask, 'checkpointPath'> {
  const { denoiser, description, images, trainRows: rows, labels, config } = work;
  const settings = settingsOf(config);
  return {
    denoiser,
    origin: description,
    images,
    rows,
    labels,
    settings,
    stream: 'main',
    initialStream: 'main',
  };
}

/** Of the configuration what steps depend on. */
export function settingsOf(config: TrainDenoiserConfig): DenoiserTask['settings'] {
  const { steps, batchSize, learningRate, learningRateSchedule, weightDecay } = config;
  const { averageDecay, augmentation, conditionDropout, seed } = config;
  return {
    ...{ steps, batchSize, learningRate, learningRateSchedule, weightDecay },
    ...{ averageDecay, augmentation, conditionDropout, seed },
  };
}

async function prepare(
  folder: ProjectFolder,
  config: TrainDenoiserConfig,
  context: RunContext,
  tools: TrainingTools,
): Promise<Work> {
  const samples = listPresentSamples(folder.connection);
  const only =
    config.subset === null
      ? null
      : new Set(listMembers(folder.connection, config.subset).map(({ sampleId }) => sampleId));
  const trainRows = rowsWhere(
    samples,
    ({ id, split, excluded }) => split === 'train' && excluded === 0 && (only?.has(id) ?? true),
  );
  if (trainRows.length < 2)
    throw new AppError('labels-missing', { reason: `the train split has ${trainRows.length} of them` });
  requireSameData(folder.connection, context.runId, hashSamples(samples));
  const classIds = config.conditional ? classesOf(samples, trainRows) : [];
  const indexOfClass = new Map(classIds.map((id, index) => [id, index]));
  const description = describe(config, samples, classIds.length);
  const { readPixels, executor } = tools;
  const images = await openCodec(folder, description, executor).openImages({
    ...{ folder, samples, readPixels, context },
  });
  const others = rowsWhere(samples, ({ split, excluded }) => split !== 'train' && excluded === 0);
  new Random(config.seed, 'held-out images').shuffle(others);
  return {
    ...{ folder, config, context, tools, samples, trainRows, classIds, description, images },
    heldOutRows: others.slice(0, HELD_OUT_IMAGES),
    labels: Int32Array.from(samples, ({ label }) => (label === null ? -1 : (indexOfClass.get(label) ?? -1))),
    denoiser: openDenoiser(folder.path, description),
  };
}

function rowsWhere(
  samples: readonly PresentSample[],
  isWanted: (sample: PresentSample) => boolean,
): Int32Array {
  return Int32Array.from(samples.flatMap((sample, row) => (isWanted(sample) ? [row] : [])));
}

function classesOf(samples: readonly PresentSample[], rows: Int32Array): ClassId[] {
  const found = new Set<ClassId>();
  for (const row of rows) {
    const { label } = samples[row]!;
    if (label !== null) found.add(label);
  }
  if (found.size === 0)
    throw new AppError('labels-missing', {
      reason: 'a conditional model is to be told the class of each image, and none has one',
    });
  return [...found].sort((a, b) => a - b);
}

function describe(
  config: TrainDenoiserConfig,
  samples: readonly PresentSample[],
  classCount: number,
): DenoiserDescription {
  const { architecture, dropout, noiseSchedule, timesteps, prediction } = config;
  const multiple = sizeMultiple(architecture);
  if (config.imageSize % multiple !== 0)
    throw new AppError('usage-invalid', {
      reason: `${architecture} halves images cleanly: their side has to be a multiple of ${multiple}, and ${config.imageSize} is none`,
    });
  return {
    network: {
      architecture,
      channels: chooseChannels(samples),
      imageSize: config.imageSize === 0 ? chooseSide(samples, architecture) : config.imageSize,
      classCount,
      dropout,
    },
    schedule: usualSchedule(noiseSchedule, timesteps),
    prediction,
  };
}

/** What is done beside the steps: sheets, checkpoints, the loss on unseen images. */
class TrainingWatch {
  readonly #work: Work;
  readonly #checkpoints: ReadonlySet<number>;
  readonly #measured: QuerySet | null;
  #sheetMs = performance.now();

  constructor(work: Work) {
    this.#work = work;
    const { config, denoiser } = work;
    this.#checkpoints = new Set(plannedCheckpoints(config, denoiser.network.parameterCount));
    this.#measured = work.heldOutRows.length === 0 ? null : imagesAsQueries(work, work.heldOutRows);
  }

  async after(state: DenoiserState): Promise<void> {
    const { folder, context, config } = this.#work;
    const { steps, sheetMinutes } = config;
    const isLast = state.step === steps;
    if (this.#checkpoints.has(state.step)) keepDenoiserCheckpoint(folder, context.runId, state);
    const minutes = (performance.now() - this.#sheetMs) / 60_000;
    if (isLast || (sheetMinutes > 0 && minutes >= sheetMinutes)) {
      await makeSheet(this.#work, state);
      this.#sheetMs = performance.now();
    }
  }

  /** Mean squared error on the unseen images; null where there are none. */
  async measure({ average }: DenoiserState): Promise<number | null> {
    if (this.#measured === null) return null;
    const { tools, denoiser, config, context } = this.#work;
    const plan = {
      steps: chooseSteps(denoiser.schedule, HELD_OUT_STEPS, 'uniform'),
      seed: config.seed,
      signal: context.signal,
    };
    const errors = await measureErrors(tools.executor, denoiser, average, this.#measured, plan);
    const total = errors.data.reduce((sum, error) => sum + error, 0);
    return total / errors.data.length / elementCount(denoiser.network.inputShape);
  }
}

async function makeSheet(work: Work, { step, average }: DenoiserState): Promise<void> {
  const { folder, context, tools, denoiser, config, description } = work;
  const indices = Array.from({ length: SHEET_COUNT }, (_, index) => index);
  const images = await makeImages(tools.executor, denoiser, average, {
    sampler: 'ddim',
    steps: Math.min(SHEET_STEPS, config.timesteps),
    seed: config.seed,
    indices,
    classIndices: indices.map((index) => (denoiser.classCount === 0 ? -1 : index % denoiser.classCount)),
    signal: context.signal,
  });
  const { channels, imageSize: size } = description.network;
  await writeSheet(folder, context.runId, step, images, { channels, size });
}

function store(work: Work, trained: TrainedDenoiser): ModelId {
  const { folder, config, context, description, denoiser, samples, trainRows, labels, classIds } = work;
  const artifact = `models/run-${context.runId}`;
  writeDenoiserArtifact(join(folder.path, artifact), {
    description,
    parameters: trained.parameters,
    average: trained.average,
    learned: Array.from(trainRows, (row) => ({ sampleId: samples[row]!.id, classIndex: labels[row]! })),
  });
  const facts: StoredDenoiserFacts = {
    prediction: config.prediction,
    noiseSchedule: config.noiseSchedule,
    timesteps: config.timesteps,
    conditional: config.conditional,
    toldTexts: false,
    steps: config.steps,
    curve: [...trained.curve],
  };
  const { channels, imageSize } = description.network;
  const { architecture } = config;
  return insertModel(folder.connection, {
    runId: context.runId,
    name: `${architecture} ${context.runId}`,
    task: 'generate',
    origin: 'built-in',
    architecture,
    baseModelId: null,
    parameterCount: denoiser.network.parameterCount,
    imageSize,
    channels,
    classIds,
    normalization: signedPixels(channels),
    artifact,
    dataHash: hashSamples(samples),
    trainCount: trainRows.length,
    testAccuracy: null,
    outOfSampleAccuracy: null,
    labelledAccuracy: null,
    excludedCount: null,
    hint: null,
    denoiser: facts,
  });
}

function summarize({ connection }: ProjectFolder, modelId: ModelId): RunSummary {
  const { denoiser, parameterCount, imageSize, trainCount } = readModel(connection, modelId, 'generate');
  const last = denoiser!.curve.at(-1);
  return {
    ...{ modelId, parameterCount, imageSize, trainCount },
    loss: last?.loss ?? null,
    heldOutLoss: denoiser!.curve.findLast(({ heldOut }) => heldOut !== null)?.heldOut ?? null,
  };
}
