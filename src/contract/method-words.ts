/** @file The choices of an attribution in plain words: the window, the command line and the documentation read them here. */
import type {
  AttributionMethod,
  EnsembleKind,
  Normalisation,
  ProjectionKind,
} from './attribution-choices.ts';

export interface MethodWords {
  readonly title: string;
  /** What has to hold for its scores to mean what they say. */
  readonly assumption: string;
  /** What it needs, in words: seconds are estimated before each run. */
  readonly cost: string;
}

export interface ChoiceWords {
  readonly title: string;
  readonly meaning: string;
}

const solved = 'Gradients of all training images anew for every pass; none are stored.';
const shortened = 'One gradient of each training image, shortened and stored.';
const embeddings = 'One pass forward over the images: the cheapest there is.';

export const methodWords: Readonly<Record<AttributionMethod, MethodWords>> = {
  trak: {
    title: 'TRAK',
    assumption:
      'Near its trained state the model behaves like a linear one, and its margin is what an image contributes to. One model is noisy: several are much better.',
    cost: shortened,
  },
  'grad-dot': {
    title: 'Grad-Dot',
    assumption:
      'One step of training on an image helps another as far as their gradients point the same way. Images with large losses lead every list.',
    cost: shortened,
  },
  'grad-cos': {
    title: 'Grad-Cos',
    assumption:
      'Like Grad-Dot, but only the direction of a gradient counts: large losses no longer lead, and how strongly an image pulls is lost.',
    cost: shortened,
  },
  tracin: {
    title: 'TracIn',
    assumption:
      'What an image did shows in the steps that training took: gradients are compared at checkpoints of it, weighed by the learning rate. One checkpoint is Grad-Dot.',
    cost: 'A shortened gradient of each training image at every checkpoint.',
  },
  'if-cg': {
    title: 'Influence (CG)',
    assumption:
      'The model is at a minimum of its loss, and leaving an image out moves it a little. Exact for linear models; an approximation for all others.',
    cost: `${solved} A linear system for every explained image, solved step by step.`,
  },
  'if-lissa': {
    title: 'Influence (LiSSA)',
    assumption:
      'As with conjugate gradients; the inverse is a truncated series, which needs enough steps and damping to settle.',
    cost: `${solved} Many small steps for every explained image.`,
  },
  'if-arnoldi': {
    title: 'Influence (Arnoldi)',
    assumption:
      'As with conjugate gradients; only the directions in which the loss curves most are kept, the others count as nothing.',
    cost: `${solved} The directions are found once, all images then share them.`,
  },
  'if-datainf': {
    title: 'DataInf',
    assumption:
      'Inverting and averaging may be swapped, which holds where few parameters are tuned: made for low-rank adapters and last layers.',
    cost: solved,
  },
  'if-kfac': {
    title: 'Influence (K-FAC)',
    assumption:
      'The curvature of each layer is a product of what comes in and what goes back, and layers do not interact.',
    cost: `${solved} Two small matrices for each layer, once.`,
  },
  'if-ekfac': {
    title: 'Influence (EK-FAC)',
    assumption:
      'As K-FAC, with the strength of every direction measured instead of multiplied: closer, at little cost.',
    cost: `${solved} The matrices of K-FAC and one pass more.`,
  },
  logra: {
    title: 'LoGra',
    assumption:
      'Influence shows in gradients that are shortened layer by layer; their own curvature is solved exactly.',
    cost: 'One gradient of each training image, shortened layer by layer and stored.',
  },
  'logra-kfac': {
    title: 'LoGra (K-FAC)',
    assumption:
      'As LoGra, with the curvature of each layer as a product of what comes in and what goes back.',
    cost: 'The shortened gradients of LoGra, and two small matrices for each layer.',
  },
  'logra-ekfac': {
    title: 'LoGra (EK-FAC)',
    assumption: 'As LoGra with K-FAC, the strength of every direction measured instead of multiplied.',
    cost: 'The shortened gradients of LoGra, two small matrices for each layer and one pass more.',
  },
  representer: {
    title: 'Representer points',
    assumption:
      'The last layer explains the prediction, and is at the minimum of its regularised loss: it is fitted again for that. What earlier layers learned from an image is not seen.',
    cost: 'One pass forward over the images, and a fit of the last layer.',
  },
  'embedding-dot': {
    title: 'Embeddings (dot product)',
    assumption:
      'Images that the last layer sees alike are taken for influential. It says what looks alike to the model, not what it learned from.',
    cost: embeddings,
  },
  'embedding-cos': {
    title: 'Embeddings (cosine)',
    assumption:
      'As the product of embeddings, by direction alone. The baseline that any estimate of influence has to beat.',
    cost: embeddings,
  },
  'embedding-l2': {
    title: 'Embeddings (distance)',
    assumption: 'As the product of embeddings, by distance: the nearest images count most.',
    cost: embeddings,
  },
};

export const ensembleWords: Readonly<Record<EnsembleKind, ChoiceWords>> = {
  independent: {
    title: 'Independent models',
    meaning:
      'Models trained alike with other seeds. The best and the dearest ensemble; with one model, the model itself is asked alone.',
  },
  checkpoints: {
    title: 'Checkpoints of a training',
    meaning: 'States of one training. They cost no training of their own, and differ less than models do.',
  },
  dropout: {
    title: 'Dropout masks',
    meaning: 'One model with units dropped at random. Costs no training, but gradients for every mask.',
  },
  'dropout-forward': {
    title: 'Dropout masks, forward only',
    meaning: 'Masks drop units in the forward pass alone; gradients are computed once. Cheaper to serve.',
  },
  lora: {
    title: 'Low-rank adapters',
    meaning:
      'Small adapters fine-tuned with other seeds; gradients are those of the adapters. Little training and little space.',
  },
};

export const normalisationWords: Readonly<Record<Normalisation, ChoiceWords>> = {
  none: { title: 'None', meaning: 'Scores as they are: a few outliers may lead every list.' },
  'relative-parameters': {
    title: 'By parameter movement (θ-RelatIF)',
    meaning: 'Divided by how far leaving the image out would move the parameters.',
  },
  'relative-loss': {
    title: 'By self-influence (ℓ-RelatIF)',
    meaning: 'Divided by the root of the image’s influence on itself.',
  },
  renormalised: {
    title: 'By gradient length',
    meaning: 'Divided by the length of the image’s gradient.',
  },
};

export const projectionWords: Readonly<Record<ProjectionKind, ChoiceWords>> = {
  fold: {
    title: 'Folded',
    meaning: 'Every parameter is added with a random sign to one of as many sums: faithful at little cost.',
  },
  factorised: {
    title: 'Factorised',
    meaning: 'Shortened layer by layer before the gradient is written out: the fastest.',
  },
  'factorised-mask-sjlt': {
    title: 'Factorised, masked and sketched',
    meaning: 'A few inputs and outputs of each layer are kept, then sketched (FactGraSS).',
  },
  sjlt: {
    title: 'Sparse sketch',
    meaning: 'Sparse Johnson–Lindenstrauss: every parameter goes into one of the sums.',
  },
  rademacher: {
    title: 'Dense, random signs',
    meaning: 'All parameters in all sums with random signs: what TRAK was published with, and slow.',
  },
  gaussian: {
    title: 'Dense, Gaussian',
    meaning: 'All parameters in all sums with normal weights: for comparison, and slow.',
  },
  mask: { title: 'Random parameters', meaning: 'Only randomly chosen parameters are kept: the crudest.' },
  'mask-sjlt': {
    title: 'Masked and sketched',
    meaning: 'Randomly chosen parameters are kept, then sketched (GraSS).',
  },
  none: { title: 'None', meaning: 'Gradients are kept whole: exact, for small models only.' },
};
