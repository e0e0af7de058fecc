/** @file Strategies of selection in plain words: the window, the command line and the documentation read these. */
import type { SelectionStrategy } from './selection-config.ts';

export interface StrategyWords {
  readonly title: string;
  /** What an image is chosen for. */
  readonly meaning: string;
  /** What has to hold for it to be a good choice. */
  readonly assumption: string;
  /** What it needs besides the model. */
  readonly cost: string;
}

export const strategyWords: Readonly<Record<SelectionStrategy, StrategyWords>> = {
  diversity: {
    title: 'Diversity',
    meaning: 'Keeps images that together stand for all others of their class, without near duplicates.',
    assumption: 'Images that look alike to the model teach the same. Labels play no part within a class.',
    cost: 'One pass of the model over the training images.',
  },
  uncertainty: {
    title: 'Uncertainty',
    meaning:
      'Draws images by chance, those more often about which models that had not learned them were undecided.',
    assumption:
      'What divides classes is learned from the images between them. Without doubted labels taken last, label errors are drawn too.',
    cost: 'Nothing: cross-validation has kept it.',
  },
  influence: {
    title: 'Influence',
    meaning: 'Keeps the images that help the target images most, and leaves out those that harm them.',
    assumption:
      'The target images are what the model will meet, and are labelled well. Influence is an estimate for small changes of the training set.',
    cost: 'Gradients of all training and target images, once.',
  },
  'self-influence': {
    title: 'Self-influence',
    meaning:
      'Small budgets keep images that others explain, large ones those that the model had to learn by themselves.',
    assumption:
      'Images that stand alone are rare cases, not mistakes. Without doubted labels taken last, they are often mistakes.',
    cost: 'Gradients of all training images, once.',
  },
  el2n: {
    title: 'Early error (EL2N)',
    meaning:
      'Small budgets keep images that were learned early, large ones those that were still wrong after the first epochs.',
    assumption: 'What is hard early on is informative. With much label noise it is mostly noise.',
    cost: 'Nothing: training has kept it.',
  },
  forgetting: {
    title: 'Forgetting',
    meaning:
      'Small budgets keep images that were learned once and for all, large ones those that were forgotten again and again.',
    assumption:
      'Training lasted long enough for images to be forgotten; short trainings tell few images apart.',
    cost: 'Nothing: training has kept it.',
  },
  synset: {
    title: 'What a synset would miss',
    meaning:
      'Lets whole clusters of images go, those first without which a distilled datamodel does best on the target images, and asks again after each tenth.',
    assumption:
      'The synset answers well for this model: see how far it agrees with training again. Clusters go as wholes, so its smallest step is a cluster.',
    cost: 'A synset of the model, distilled once; then ten questions to it, some seconds each.',
  },
  random: {
    title: 'Random',
    meaning: 'Draws images. What every other strategy has to beat.',
    assumption: 'None.',
    cost: 'Nothing.',
  },
};
