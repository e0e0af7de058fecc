/** @file What a label can be judged by, in plain words: the window, the command line and the documentation read these. */
import type { IssueMethod } from './runs-service.ts';

export interface IssueMethodWords {
  readonly title: string;
  /** What a suspicious value says of an image, short enough for a label beside a bar. */
  readonly says: string;
  readonly meaning: string;
  /** What has to hold for it to find wrong labels. */
  readonly assumption: string;
}

export const issueMethodWords: Readonly<Record<IssueMethod, IssueMethodWords>> = {
  combined: {
    title: 'All signals combined',
    says: 'Probably wrong',
    meaning:
      'The probability that the label is wrong, from how surprising it is to models that never saw the image, to the trainings that did, and to similar images.',
    assumption:
      'The model is mostly right, and errors are of the kind it was calibrated on: single labels, not whole groups relabelled alike.',
  },
  'confident-learning': {
    title: 'Confident learning',
    says: 'Predicted otherwise',
    meaning:
      'Images whose out-of-sample prediction is confidently another class come first, as many as the classes’ confusions say.',
    assumption:
      'Predictions are calibrated within each class. On hard data it counts the model’s own confusions too.',
  },
  'self-confidence': {
    title: 'Self-confidence',
    says: 'Label is doubted',
    meaning: 'How little probability models that never saw the image give to its label.',
    assumption: 'Errors fall on all classes alike; a class that the model finds hard comes up more often.',
  },
  'normalized-margin': {
    title: 'Normalised margin',
    says: 'Another fits better',
    meaning: 'How far another class is ahead of the label, for models that never saw the image.',
    assumption: 'Errors fall between classes that look alike.',
  },
  loss: {
    title: 'Training loss',
    says: 'Hard to learn',
    meaning: 'The mean loss on the image while it was being learned, over all epochs and trainings.',
    assumption: 'What is right is learned first, and wrong labels late or never.',
  },
  aum: {
    title: 'Area under the margin',
    says: 'Outvoted while training',
    meaning: 'How far another class was ahead of the label while the image was being learned, on average.',
    assumption: 'Similar images pull a wrong label towards its true class for most of the training.',
  },
  el2n: {
    title: 'Early error (EL2N)',
    says: 'Wrong early on',
    meaning: 'How far the prediction was from the label in the first quarter of the trainings.',
    assumption: 'Early on the model knows what most images of a class look like, and no single image yet.',
  },
  grand: {
    title: 'Early gradient (GraNd)',
    says: 'Strong early gradient',
    meaning: 'How long the image’s gradient is after the first epoch of three fresh trainings.',
    assumption: 'As EL2N, on every layer. Needs those trainings, and is close to EL2N.',
  },
  forgetting: {
    title: 'Forgetting',
    says: 'Forgotten or never learned',
    meaning: 'How often an image that was right became wrong again; never right comes first.',
    assumption: 'Many epochs, and a model that learns nearly everything. Coarse: many images are equal.',
  },
  'self-influence': {
    title: 'Self-influence',
    says: 'Stands alone',
    meaning: 'How much the model’s answer on the image depends on having learned that very image.',
    assumption: 'The attribution it comes from holds. Rare but right images stand alone too.',
  },
  'neighbour-disagreement': {
    title: 'Neighbour disagreement',
    says: 'Neighbours differ',
    meaning: 'How many of the twenty most similar images carry another label.',
    assumption: 'The model’s idea of similarity follows what the classes are about.',
  },
};
