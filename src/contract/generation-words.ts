/** @file The choices about generative models in plain words: the window, the command line and the documentation read them here. */
import type { DiffusionMethod, GroupMethod } from './generation-configs.ts';
import type { MethodWords } from './method-words.ts';

const shortened = 'One gradient of each image at every chosen step of time, averaged, shortened and stored.';

export const diffusionMethodWords: Readonly<Record<DiffusionMethod, MethodWords>> = {
  'd-trak': {
    title: 'D-TRAK',
    assumption:
      'What an image leaves in the model shows in the gradient of the squared length of the predicted noise. Theory does not ask for that quantity; measured, it ranks best by far at few steps of time.',
    cost: shortened,
  },
  trak: {
    title: 'TRAK',
    assumption:
      'The same with the gradient of the training loss, as theory asks. Noisy: it wants many steps of time.',
    cost: shortened,
  },
  das: {
    title: 'DAS',
    assumption:
      'Compares what models predict, not how well: gradients of the mean predicted noise, each training image weighed by how badly it is predicted.',
    cost: `${shortened} One more pass forward over the training images.`,
  },
  'journey-trak': {
    title: 'Journey-TRAK',
    assumption:
      'Gradients of the query along the way on which it was made, step by step. For images made here only.',
    cost: `${shortened} Queries: one gradient for every step of their making.`,
  },
  'grad-dot': {
    title: 'Grad-Dot',
    assumption:
      'One step of training on an image helps another as far as their gradients point the same way.',
    cost: shortened,
  },
  'grad-cos': {
    title: 'Grad-Cos',
    assumption: 'Like Grad-Dot, but only the direction of a gradient counts.',
    cost: shortened,
  },
  tracin: {
    title: 'TracIn',
    assumption: 'Gradients are compared at checkpoints of the training, weighed by the learning rate.',
    cost: 'The same at every checkpoint.',
  },
  'pixel-dot': {
    title: 'Pixels (dot)',
    assumption: 'Alike pixel by pixel. Says nothing of the model: a baseline.',
    cost: 'Reading the images.',
  },
  'pixel-cos': {
    title: 'Pixels (cosine)',
    assumption: 'Alike pixel by pixel, whatever the contrast. Says nothing of the model: a baseline.',
    cost: 'Reading the images.',
  },
  'embedding-dot': {
    title: 'Embedding (dot)',
    assumption: 'Alike in what the model’s middle layer sees, not in what it learned from: a baseline.',
    cost: 'One pass forward over the images.',
  },
  'embedding-cos': {
    title: 'Embedding (cosine)',
    assumption: 'Alike in what the model’s middle layer sees, whatever its strength: a strong baseline.',
    cost: 'One pass forward over the images.',
  },
};

export const groupMethodWords: Readonly<Record<GroupMethod, MethodWords>> = {
  guda: {
    title: 'GUDA (unlearning)',
    assumption:
      'A short fine-tuning makes the model forget the group much as if it had never seen it; what a query then loses in evidence is the group’s part. Groups are assumed to divide the images among them.',
    cost: 'A short fine-tuning for each group and each random group.',
  },
  ascent: {
    title: 'Gradient ascent',
    assumption: 'Forgets by climbing the loss on the group: simple, and prone to forget more than it should.',
    cost: 'A short fine-tuning for each group and each random group.',
  },
  logo: {
    title: 'Retraining without the group (LOGO)',
    assumption:
      'Nothing is estimated: the model is trained again without the group. Several seeds show its noise.',
    cost: 'A whole training for each group, random group and repeat.',
  },
  'd-trak-sum': {
    title: 'D-TRAK, summed',
    assumption: 'What the images of a group score one by one adds up.',
    cost: shortened,
  },
  'trak-sum': {
    title: 'TRAK, summed',
    assumption: 'What the images of a group score one by one adds up.',
    cost: shortened,
  },
  'das-sum': {
    title: 'DAS, summed',
    assumption: 'What the images of a group score one by one adds up.',
    cost: shortened,
  },
  'embedding-mean': {
    title: 'Embedding similarity',
    assumption: 'A group matters as far as its images look alike to the model: a strong baseline.',
    cost: 'One pass forward over the images.',
  },
  'pixel-mean': {
    title: 'Pixel similarity',
    assumption: 'A group matters as far as its images look alike pixel by pixel: a baseline.',
    cost: 'Reading the images.',
  },
};
