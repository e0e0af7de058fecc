/** @file The run that makes a model of a brought file: it predicts every image, says how often it is right, and stores all of it. */
import { AppError } from '../../core/base/app-error.ts';
import type { Network } from '../../core/nn/network.ts';
import { leftOutProbabilities } from '../../core/curation/left-out-probabilities.ts';
import { rowsOf, type Matrix } from '../../core/linalg/matrix.ts';
import type { EvaluateConfig } from '../../contract/runs-service.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { listClassNames, listPresentSamples } from '../storage/labelled-samples.ts';
import { findModelOfRun, planeCount, readModel, type Normalization } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { openPixelCache } from '../training/pixel-cache.ts';
import type { PixelSource } from '../training/pixel-source.ts';
import { predictRows } from '../training/predict.ts';
import { storeModel, type OutOfSample } from '../training/store-model.ts';
import { chooseChannels } from '../training/training-set.ts';
import { arrangeImages, type ArrangedImages } from './arrange-images.ts';
import { describeNetwork } from './describe-network.ts';
import { fileNetwork } from './file-network.ts';
import { firstImpression } from './first-impression.ts';
import { knowModel } from './know-model.ts';
import { mapClasses } from './map-classes.ts';
import type { FileNetwork } from './network-description.ts';
import { pixelValues } from './pixel-values.ts';
import { suggestPixels } from './suggest-choices.ts';
import { readStoredModel } from './store-model-file.ts';

/** Everything that is decided before the first image is read. */
export interface BroughtModel {
  readonly description: FileNetwork;
  readonly network: Network;
  readonly normalization: Normalization;
  readonly images: ArrangedImages;
}

/** Makes sense of the choices; throws where they do not fit the file or the project. */
export function prepareBrought(folder: ProjectFolder, { file, choices }: EvaluateConfig): BroughtModel {
  const samples = listPresentSamples(folder.connection);
  const known = knowModel(readStoredModel(folder.path, file), choices.imageSize, choices.name);
  const plain = describeNetwork(known, choices, file);
  const outputCount = fileNetwork(known.model, plain).outputCount;
  const { classIds, ...mapping } = mapClasses(listClassNames(folder.connection), outputCount, choices);
  const description = { ...plain, ...mapping };
  const pixels = choices.pixels === 'auto' ? suggestPixels(known.model, known.image) : choices.pixels;
  const allGrey = chooseChannels(samples) === 1;
  const images = arrangeImages(samples, classIds, choices.learned === 'train' && !choices.newHead);
  return {
    description,
    network: fileNetwork(known.model, description),
    normalization: pixelValues({ ...choices, pixels }, description.channels, allGrey),
    images,
  };
}

export async function evaluateRun(
  folder: ProjectFolder,
  config: EvaluateConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const done = findModelOfRun(folder.connection, context.runId);
  if (done !== null) return summarize(folder, done);
  context.progress('Reading the model', null);
  const brought = prepareBrought(folder, config);
  if (brought.images.samples.length === 0)
    throw new AppError('labels-missing', { reason: 'the project has no images yet' });
  requireSameData(folder.connection, context.runId, brought.images.dataHash);
  const pixels = await openPixels(folder, brought, context, tools);
  const { network } = brought;
  const parameters = network.initialParameters(0);
  try {
    await tools.settleProvider?.({ network, parameters });
    return summarize(folder, await evaluate(folder, config, { brought, parameters, pixels, context, tools }));
  } finally {
    pixels.close();
  }
}

function openPixels(
  folder: ProjectFolder,
  { description, normalization, images }: BroughtModel,
  context: RunContext,
  { readPixels }: ComputeTools,
): Promise<PixelSource> {
  return openPixelCache({
    cachePath: folder.cachePath,
    images: images.samples,
    size: description.imageSize,
    channels: planeCount(normalization),
    readPixels,
    signal: context.signal,
    onProgress: (count) =>
      context.progress('Reading images', (0.3 * count) / images.samples.length, { images: count }),
  });
}

async function evaluate(
  folder: ProjectFolder,
  { choices }: EvaluateConfig,
  work: {
    readonly brought: BroughtModel;
    readonly parameters: Float32Array<ArrayBuffer>;
    readonly pixels: PixelSource;
    readonly context: RunContext;
    readonly tools: ComputeTools;
  },
): Promise<ReturnType<typeof storeModel>> {
  const { brought, parameters, pixels, context, tools } = work;
  const { network, images, normalization, description } = brought;
  const { probabilities, embedding } = await predictRows(tools.executor, {
    classifier: network,
    parameters,
    pixels,
    normalization,
    rows: Int32Array.from(images.samples.keys()),
    withEmbedding: true,
    signal: context.signal,
    onBatch: (count) =>
      context.progress('Predicting', 0.3 + (0.7 * count) / images.samples.length, { images: count }),
  });
  const answers = { probabilities, labels: images.labels, classCount: network.outputCount };
  return storeModel(folder, context.runId, {
    naming: {
      name: choices.name,
      origin: 'file',
      architecture: choices.name,
      baseModelId: null,
      hint: choices.newHead ? UNTRAINED_HEAD : firstImpression(answers),
    },
    description,
    network,
    parameters,
    normalization,
    set: images,
    learnedRows: images.learnedRows,
    probabilities,
    outOfSample: choices.newHead ? null : await leftOut(images, network.outputCount, embedding, tools),
    dynamics: null,
  });
}

/** Fewer images are no basis for a classifier of their own. */
const LEAST_IMAGES = 10;

/** Predictions of the labelled training images that are not excluded, by a classifier on the embedding that was fitted without each of them. */
async function leftOut(
  { samples, labels }: ArrangedImages,
  classCount: number,
  embedding: Matrix,
  { matrixEngine }: ComputeTools,
): Promise<OutOfSample | null> {
  const rows = Int32Array.from(samples.keys()).filter(
    (row) => samples[row]!.split === 'train' && samples[row]!.excluded === 0 && labels[row]! >= 0,
  );
  if (rows.length < LEAST_IMAGES) return null;
  const probabilities = await leftOutProbabilities(
    { embedding: rowsOf(embedding, rows), labels: rows.map((row) => labels[row]!), classCount },
    matrixEngine,
  );
  return { rows, folds: new Int32Array(rows.length), probabilities };
}

const UNTRAINED_HEAD =
  'Its new head has not learned anything yet: fine-tune the model on this project’s images (Train, start from this model).';

function summarize(folder: ProjectFolder, modelId: ReturnType<typeof storeModel>): RunSummary {
  const model = readModel(folder.connection, modelId);
  return {
    modelId,
    labelledAccuracy: model.labelledAccuracy,
    testAccuracy: model.testAccuracy,
    parameterCount: model.parameterCount,
    imageSize: model.imageSize,
    trainCount: model.trainCount,
    ...(model.excludedCount === null || model.excludedCount === 0 ? {} : { excluded: model.excludedCount }),
    hint: model.hint,
  };
}
