/** @file A study's images with a tenth of the labels made wrong. */
import { confusionOf, plantErrors, type PlantedErrors } from '../../src/core/evaluation/plant-errors.ts';
import type { Executor } from '../../src/core/execution/executor.ts';
import { buildClassifier, type Classifier } from '../../src/core/nn/classifier.ts';
import { TrainConfig } from '../../src/contract/runs-service.ts';
import { predictRows } from '../../src/engine/training/predict.ts';
import { trainClassifier } from '../../src/engine/training/train-classifier.ts';
import { digitSide } from '../data/mnist.ts';
import { readStudyImages, studyClassCount, type StudyImages, type StudySet } from '../data/study-images.ts';

export const PLANTED_SHARE = 0.1;

export type Noise = 'uniform' | 'class-dependent';

export interface PlantedSet extends PlantedErrors {
  readonly images: StudyImages;
}

/** The network of the product's defaults for these images. */
export function studyCnn(): Classifier {
  const shape = { channels: 1, imageSize: digitSide, classCount: studyClassCount };
  return buildClassifier({ ...shape, architecture: 'cnn', dropout: 0 });
}

export async function readPlantedSet(
  executor: Executor,
  set: StudySet,
  noise: Noise,
  sizes: { readonly train: number; readonly queries: number },
  seed: number,
): Promise<PlantedSet> {
  const images = await readStudyImages(set, sizes, seed);
  const truth = images.trainRows.map((row) => images.labels[row]!);
  const confusion = noise === 'uniform' ? null : await measuredConfusion(executor, images, seed);
  const options = { classCount: studyClassCount, share: PLANTED_SHARE, seed, confusion };
  return { images, ...plantErrors(truth, options) };
}

/** What a model of the right labels takes the queries' classes for. */
async function measuredConfusion(
  executor: Executor,
  { pixels, normalization, labels, trainRows, queryRows }: StudyImages,
  seed: number,
): Promise<Float64Array> {
  const common = { classifier: studyCnn(), pixels, normalization };
  const { parameters } = await trainClassifier(executor, {
    ...{ ...common, origin: 'bench', labels, trainRows, validationRows: new Int32Array(0) },
    ...{ settings: TrainConfig.parse({ epochs: 6, seed }), stream: 'clean', checkpointPath: null },
  });
  const { probabilities } = await predictRows(executor, { ...common, parameters, rows: queryRows });
  const truth = queryRows.map((row) => labels[row]!);
  return confusionOf(truth, probabilities, studyClassCount);
}
