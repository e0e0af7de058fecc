/** @file The run that makes a model of a brought denoiser: it measures how well it predicts, learned images and others, and stores it. */
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import type { EvaluateDenoiserConfig } from '../../contract/runs-service.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { findModelOfRun, insertModel, readModel, type StoredDenoiserFacts } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { hashSamples } from '../training/training-set.ts';
import { prepareDenoiser, type BroughtDenoiser } from './brought-denoiser.ts';
import type { CleanImages } from './clean-images.ts';
import { writeDenoiserArtifact } from './denoiser-artifact.ts';
import { openDenoiserWithTexts, signedPixels } from './denoiser.ts';
import { firstLoss, type FirstLoss } from './first-losses.ts';
import type { ImageCodec } from './image-codec.ts';
import { imagesAsQueries } from './images-as-queries.ts';
import { openCodec } from './open-codec.ts';

interface Work {
  readonly folder: ProjectFolder;
  readonly config: EvaluateDenoiserConfig;
  readonly context: RunContext;
  readonly tools: ComputeTools;
  readonly brought: BroughtDenoiser;
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly codec: ImageCodec;
}

/** Losses on the train split and on the other images; null: there are none. */
interface Losses {
  readonly train: FirstLoss | null;
  readonly others: FirstLoss | null;
}

const MEASURED_IMAGES = 128;

export async function evaluateDenoiserRun(
  folder: ProjectFolder,
  config: EvaluateDenoiserConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const done = findModelOfRun(folder.connection, context.runId);
  if (done !== null) return summarize(folder, done);
  context.progress('Reading the model', null);
  const prepared = prepareDenoiser(folder, config);
  const { executor, readPixels } = tools;
  const denoiser = await openDenoiserWithTexts(folder, prepared.description, executor, context);
  const brought = { ...prepared, denoiser };
  requireSameData(folder.connection, context.runId, hashSamples(brought.samples));
  if (config.choices.learned === 'train' && brought.trainRows.length === 0)
    throw new AppError('labels-missing', { reason: 'the train split, which the model learned, is empty' });
  const { network } = brought.denoiser;
  const parameters = network.initialParameters(0);
  const codec = openCodec(folder, brought.description, executor);
  const work = { folder, config, context, tools, brought, parameters, codec };
  const images = await codec.openImages({ folder, samples: brought.samples, readPixels, context });
  try {
    await tools.settleProvider?.({ network, parameters });
    const losses = {
      train: await lossOn(work, images, brought.trainRows),
      others: await lossOn(work, images, brought.otherRows),
    };
    return summarize(folder, store(work, losses));
  } finally {
    images.close();
  }
}

/** On some of the rows, drawn. */
async function lossOn(
  { brought, context, tools, parameters }: Work,
  images: CleanImages,
  rows: Int32Array,
): Promise<FirstLoss | null> {
  if (rows.length === 0) return null;
  const drawn = rows.slice();
  new Random(0, 'measured images').shuffle(drawn);
  const { samples, labels, denoiser } = brought;
  const measured = imagesAsQueries({ images, samples, labels }, drawn.slice(0, MEASURED_IMAGES));
  context.progress('Measuring', null, { images: measured.keys.length });
  return firstLoss(tools.executor, denoiser, parameters, measured, context.signal);
}

function store(work: Work, losses: Losses): ModelId {
  const { folder, config, context, brought, parameters, codec } = work;
  const { description, denoiser, samples, labels, classIds, trainRows } = brought;
  const artifact = `models/run-${context.runId}`;
  const learnedRows = config.choices.learned === 'train' ? trainRows : new Int32Array(0);
  writeDenoiserArtifact(join(folder.path, artifact), {
    description,
    parameters,
    average: parameters,
    learned: Array.from(learnedRows, (row) => ({ sampleId: samples[row]!.id, classIndex: labels[row]! })),
  });
  const { channels, size: imageSize } = codec.picture;
  return insertModel(folder.connection, {
    runId: context.runId,
    name: config.choices.name,
    task: 'generate',
    origin: 'file',
    architecture: config.choices.name,
    baseModelId: null,
    parameterCount: denoiser.network.parameterCount,
    imageSize,
    channels,
    classIds,
    normalization: signedPixels(channels),
    artifact,
    dataHash: hashSamples(samples),
    trainCount: learnedRows.length,
    testAccuracy: null,
    outOfSampleAccuracy: null,
    labelledAccuracy: null,
    excludedCount: null,
    hint: hintOf(learnedRows.length, losses),
    denoiser: factsOf(work, losses),
  });
}

/** A brought model has one point of a curve: what it was when it came. */
function factsOf({ config, brought }: Work, { train, others }: Losses): StoredDenoiserFacts {
  const loss = (train ?? others)?.loss;
  return {
    prediction: config.prediction,
    noiseSchedule: config.schedule.kind,
    timesteps: config.schedule.steps,
    conditional: brought.denoiser.classCount > 0 || brought.denoiser.texts !== undefined,
    toldTexts: brought.denoiser.texts !== undefined,
    steps: 0,
    curve: loss === undefined ? [] : [{ step: 0, loss, heldOut: others?.loss ?? null }],
  };
}

/** A model that has learned its task is far better than one that says nothing. */
const SUSPICIOUS_SHARE = 0.8;

function hintOf(learnedCount: number, { train, others }: Losses): string {
  const claim =
    learnedCount === 0
      ? 'It was said to have learned none of this project’s images, so there is nothing to trace its images to.'
      : `It is taken at its word that it learned all ${learnedCount} images of the train split: scores mean nothing where it did not.`;
  const found = train ?? others;
  if (found === null || found.loss < SUSPICIOUS_SHARE * found.ofNothing) return claim;
  return `It predicts hardly better than nothing (mean squared error ${found.loss.toFixed(3)}; always zero: ${found.ofNothing.toFixed(3)}): the head, the schedule or the file may be wrong. ${claim}`;
}

function summarize({ connection }: ProjectFolder, modelId: ModelId): RunSummary {
  const model = readModel(connection, modelId, 'generate');
  const [point] = model.denoiser!.curve;
  return {
    modelId,
    parameterCount: model.parameterCount,
    imageSize: model.imageSize,
    trainCount: model.trainCount,
    loss: point?.loss ?? null,
    heldOutLoss: point?.heldOut ?? null,
    hint: model.hint,
  };
}
