/** @file How the models of the studies are trained: the settings of the dattri benchmark (METHODS §7.1). */
import { buildClassifier, type Classifier } from '../../src/core/nn/classifier.ts';
import type { TrainingTask } from '../../src/engine/training/training-task.ts';
import { digitSide } from '../data/mnist.ts';
import { studyClassCount } from '../data/study-images.ts';

export interface Recipe {
  readonly classifier: Classifier;
  readonly settings: Omit<TrainingTask['settings'], 'seed'>;
}

const common: Omit<Recipe['settings'], 'epochs' | 'momentum'> = {
  batchSize: 64,
  optimizer: 'sgd',
  learningRate: 0.01,
  weightDecay: 0,
  schedule: 'constant',
  augmentation: [],
  patience: 0,
};

const images = { channels: 1, imageSize: digitSide, classCount: studyClassCount };

/** 784-128-64-10 with dropout 0.1 behind both hidden layers, 50 epochs of SGD with momentum. */
export const mlpRecipe: Recipe = {
  classifier: buildClassifier({ ...images, architecture: 'mlp', dropout: 0.1 }),
  settings: { ...common, epochs: 50, momentum: 0.9 },
};

/** Linear(784, 10), 20 epochs of plain SGD. */
export const linearRecipe: Recipe = {
  classifier: buildClassifier({ ...images, architecture: 'linear', dropout: 0 }),
  settings: { ...common, epochs: 20, momentum: 0 },
};
