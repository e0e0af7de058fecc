/** @file Words for people about the kinds of evaluation: the window, the command line and the documentation read them here. */
import type { EvaluationKind } from './evaluations-service.ts';

interface EvaluationWords {
  readonly title: string;
  /** What is measured, and what it is worth. */
  readonly tells: string;
  readonly costs: string;
  /** Name of the score, for axes and tables. */
  readonly score: string;
}

export const evaluationWords = {
  lds: {
    title: 'Subsets (LDS)',
    tells:
      'Trains on random subsets of the images and asks how well the summed scores of each subset’s images foretell the outputs of what was trained on it. 1 is perfect, 0 is chance; the ceiling is what training noise leaves reachable.',
    costs:
      'Subsets × repeats trainings, done once for a model: further methods are measured on the same ones.',
    score: 'LDS',
  },
  loo: {
    title: 'Leave one out',
    tells:
      'Leaves single images out, trains again and compares the change with their scores. Only for models whose training hardly depends on its seed: linear ones.',
    costs: 'Removals × repeats trainings.',
    score: 'Correlation',
  },
  ddm: {
    title: 'Leave clusters out (DDM)',
    tells:
      'Leaves each cluster of a synset out of the training images in earnest, trains again and correlates the change of every image’s output with what the synset foretold, beside summed scores of an attribution and beside similarity.',
    costs: 'Clusters × repeats trainings, done once for a synset.',
    score: 'Correlation',
  },
  brittleness: {
    title: 'Brittleness',
    tells:
      'Removes the strongest proponents of a prediction, trains again and looks whether the prediction flips. The fewer removals it takes, the better they were found.',
    costs: 'A training for each query and each number of removals.',
    score: 'Flipped',
  },
  'mislabel-auc': {
    title: 'Planted errors',
    tells:
      'Changes some labels on purpose, trains on them and measures how well each signal finds the changed ones: the area under the ROC curve, 0.5 for chance, 1 for perfect.',
    costs: 'One training on the changed labels with its cross-validation, then each signal.',
    score: 'AUC',
  },
  selection: {
    title: 'Selection',
    tells:
      'Trains on the images that each strategy chooses at one budget and measures the accuracy on images never trained on, beside a random choice of the same size.',
    costs: 'Strategies × repeats trainings.',
    score: 'Accuracy',
  },
  groups: {
    title: 'Groups',
    tells:
      'Trains again without each group and asks whether a way to score groups names the one whose loss hurts a generated image most. The share of images for which it does, beside chance and beside what another training says.',
    costs: 'Groups × repeats trainings, done once for a model; then each way to score groups.',
    score: 'Top-1',
  },
  counterfactual: {
    title: 'Counterfactual',
    tells:
      'Removes the training images that score highest for a generated image, trains again from the same seeds and makes the image again. The further it moves, beside removing as many at random, the better they were chosen.',
    costs: 'A training for each image and each way to choose.',
    score: 'Distance',
  },
} as const satisfies Record<EvaluationKind, EvaluationWords>;

/** How rankings of groups are judged, best understood first; figures of an evaluation bear these names. */
export const groupMetricNames = ['Top-1', 'MRR', 'NDCG@3', 'WPRA', 'Spearman', 'RBO'] as const;
export type GroupMetricName = (typeof groupMetricNames)[number];
