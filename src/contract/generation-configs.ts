/** @file What training a generative model, making images with it and attributing them is asked with. */
import { z } from 'zod';
import { Normalisation, ProjectionKind } from './attribution-choices.ts';
import { ProviderChoice } from './engine-service.ts';
import { ClassId, GroupId, ModelId, QueryId, SubsetId } from './vocabulary.ts';

const provider = ProviderChoice.default('auto').describe(
  'where it computes; auto: the fastest that passes a self-test against the CPU',
);
const seed = z.number().int().min(0).default(0).describe('equal seeds give equal results');

export const DenoiserArchitecture = z.enum(['ddpm-tiny', 'ddpm-small', 'ddpm-base']);
export type DenoiserArchitecture = z.infer<typeof DenoiserArchitecture>;

export const PredictionKind = z.enum(['epsilon', 'v', 'x0']);
export type PredictionKind = z.infer<typeof PredictionKind>;

/** What is fitted, from which images, for how long: all that a training depends on. */
export const TrainDenoiserConfig = z.object({
  architecture: DenoiserArchitecture.default('ddpm-tiny').describe('built-in U-Net, by size'),
  imageSize: z
    .number()
    .int()
    .min(0)
    .max(128)
    .default(0)
    .describe('square side in pixels; 0: chosen from the images, at most 32'),
  conditional: z.boolean().default(false).describe('tell the network the class of each image'),
  conditionDropout: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'share of the images whose class is kept from a conditional network, so that it can do without',
    ),
  noiseSchedule: z
    .enum(['linear', 'cosine', 'scaled-linear'])
    .default('cosine')
    .describe('how noise grows over time'),
  timesteps: z.number().int().min(10).max(10_000).default(1000).describe('steps of the noise schedule (T)'),
  prediction: PredictionKind.default('epsilon').describe(
    'what the network predicts: the noise, v, or the image',
  ),
  steps: z.number().int().min(1).max(10_000_000).default(5000).describe('steps of the optimiser'),
  batchSize: z.number().int().min(1).max(1024).default(64).describe('images per step'),
  learningRate: z.number().positive().default(0.001).describe('peak learning rate (AdamW)'),
  learningRateSchedule: z
    .enum(['constant', 'cosine'])
    .default('cosine')
    .describe('how the learning rate falls'),
  weightDecay: z.number().min(0).default(1e-4).describe('weight decay'),
  averageDecay: z
    .number()
    .min(0)
    .max(0.99999)
    .default(0.999)
    .describe('decay of the moving average of the weights; images are made with the average'),
  augmentation: z
    .array(z.enum(['flip', 'crop']))
    .default([])
    .describe('random changes of training images'),
  dropout: z.number().min(0).max(0.9).default(0).describe('share of channels dropped while training'),
  checkpoints: z
    .number()
    .int()
    .min(0)
    .max(50)
    .default(5)
    .describe('states of the weights kept along the way, evenly spaced, for attribution by checkpoints'),
  sheetMinutes: z
    .number()
    .min(0)
    .max(600)
    .default(2)
    .describe('minutes between sheets of images made along the way; 0: none but the last'),
  subset: SubsetId.nullable().default(null).describe('number of the subset to train on, and on nothing else'),
  seed,
  provider,
});
export type TrainDenoiserConfig = z.infer<typeof TrainDenoiserConfig>;

export const SampleImagesConfig = z.object({
  modelId: ModelId.nullable()
    .default(null)
    .describe('number of the generative model; the newest where not given'),
  count: z.number().int().min(1).max(10_000).default(64).describe('images to make'),
  sampler: z
    .enum(['ddim', 'ddpm'])
    .default('ddim')
    .describe('ddim: few steps, no noise added; ddpm: as the model was trained'),
  steps: z
    .number()
    .int()
    .min(2)
    .max(10_000)
    .default(50)
    .describe('steps of the sampler; DDPM wants all of the schedule'),
  classId: ClassId.nullable()
    .default(null)
    .describe('number of the class that a conditional model is told; in turn where not given'),
  prompt: z
    .string()
    .nullable()
    .default(null)
    .describe('text that a model with a text encoder is told; its captions in turn where not given'),
  guidance: z
    .number()
    .min(0)
    .max(50)
    .default(1)
    .describe(
      'how strongly images follow the class or text (classifier-free guidance); 1: as the model says, 0: as if it were told nothing; text models are mostly used at 5 to 8',
    ),
  seed: z.number().int().min(0).default(0).describe('equal seeds give equal images'),
  provider,
});
export type SampleImagesConfig = z.infer<typeof SampleImagesConfig>;

export const DiffusionMethod = z.enum([
  'd-trak',
  'trak',
  'das',
  'journey-trak',
  'grad-dot',
  'grad-cos',
  'tracin',
  'pixel-dot',
  'pixel-cos',
  'embedding-dot',
  'embedding-cos',
]);
export type DiffusionMethod = z.infer<typeof DiffusionMethod>;

export const DiffusionOutput = z.enum(['loss', 'weighted-loss', 'square', 'mean', 'l1', 'l2', 'linf']);
export type DiffusionOutput = z.infer<typeof DiffusionOutput>;

/** How the influence on generated images is estimated. */
export const DiffusionChoices = z.object({
  method: DiffusionMethod.default('d-trak').describe('how influence is estimated'),
  outputFunction: DiffusionOutput.nullable()
    .default(null)
    .describe('what is differentiated; null: what the method is known for'),
  timestepCount: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('steps of the noise schedule that gradients are averaged over (K)'),
  timestepStrategy: z
    .enum(['uniform', 'early', 'logarithmic'])
    .default('uniform')
    .describe('which steps: spread evenly, the first ones, or evenly over the logarithm'),
  weights: z
    .enum(['raw', 'average'])
    .default('raw')
    .describe('the weights that gradients are taken at: as trained, or their moving average'),
  normalisation: Normalisation.default('none').describe(
    'divides each training image’s scores by how far it would move the parameters (relative-parameters), by the root of its influence on itself (relative-loss), or by the length of its gradient (renormalised)',
  ),
  projection: ProjectionKind.default('fold').describe('how gradients are shortened'),
  projectionSize: z
    .number()
    .int()
    .min(16)
    .max(32_768)
    .default(2048)
    .describe('length of a shortened gradient'),
  relativeDamping: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'ridge strength, as a multiple of the mean non-zero eigenvalue; null: what the method does best with',
    ),
  ensemble: z
    .enum(['independent', 'checkpoints', 'dropout', 'lora'])
    .default('independent')
    .describe(
      'what is averaged: independently trained models, checkpoints of one training, dropout masks, low-rank adapters',
    ),
  models: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(1)
    .describe('trained models; the model itself is the first, the others are trained alike with other seeds'),
  variants: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(5)
    .describe('checkpoints, dropout masks or adapters of each model; not read for independent models'),
  dropoutRate: z.number().min(0).max(0.9).default(0.1).describe('share of units that a dropout mask drops'),
  adapterRank: z.number().int().min(1).max(256).default(8).describe('rank of the low-rank adapters'),
  adapterSteps: z.number().int().min(1).default(300).describe('optimiser steps that adapters are trained'),
  seed,
});
export type DiffusionChoices = z.infer<typeof DiffusionChoices>;

export const AttributeQueriesConfig = DiffusionChoices.extend({
  modelId: ModelId.nullable()
    .default(null)
    .describe('number of the generative model; the newest where not given'),
  queries: z.array(QueryId).default([]).describe('numbers of the query images; all where not given'),
  topCount: z
    .number()
    .int()
    .min(1)
    .max(500)
    .default(20)
    .describe('proponents and as many opponents kept per query'),
  controls: z
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe(
      'training images, and as many that the model never saw, that are asked about beside the queries, with a pattern unlike any image: what the scores of the queries are judged against; 0: none',
    ),
  scoresPath: z
    .string()
    .nullable()
    .default(null)
    .describe('also write all scores, queries × training images in float32, to this .npy file'),
  provider,
});
export type AttributeQueriesConfig = z.infer<typeof AttributeQueriesConfig>;

/**
 * guda: the group is unlearned, and what the query loses is measured. ascent: unlearned by climbing the loss. logo: the model is trained again without
 * the group. The others sum what single images score.
 */
export const GroupMethod = z.enum([
  'guda',
  'ascent',
  'logo',
  'd-trak-sum',
  'trak-sum',
  'das-sum',
  'embedding-mean',
  'pixel-mean',
]);
export type GroupMethod = z.infer<typeof GroupMethod>;

export const UnlearningTarget = z.enum(['auto', 'softmax', 'anchor', 'zero-as-released']);
export type UnlearningTarget = z.infer<typeof UnlearningTarget>;

/** How a group is unlearned. */
export const UnlearningChoices = z.object({
  steps: z.number().int().min(1).max(1_000_000).default(300).describe('optimiser steps of each unlearning'),
  batchSize: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(32)
    .describe('retained images per step, and as many forgotten ones'),
  learningRate: z.number().positive().default(3e-4).describe('learning rate of unlearning (AdamW, constant)'),
  forgetWeight: z.number().min(0).default(1).describe('weight of the forget loss beside the retain loss'),
  neighbours: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('nearest retained images that a forgotten one is drawn to (K)'),
  retainLoss: z
    .enum(['distillation', 'standard'])
    .default('distillation')
    .describe('on retained images: stay with what the model predicts, or go on learning the noise'),
  target: UnlearningTarget.default('auto').describe(
    'what forgotten images are drawn to: their nearest retained images (softmax, GUDA-U), what the model says of another class (anchor, GUDA-C, for models that are told classes), or zero as in the released code (for comparison); auto: anchor where the model is told classes, else softmax',
  ),
  anchors: z
    .enum(['weighted', 'uniform'])
    .default('weighted')
    .describe(
      'which retained class stands in for that of a forgotten image: rather those that are alike to the model, or all equally often',
    ),
  anchorSharpness: z
    .number()
    .min(0)
    .max(100)
    .default(2)
    .describe('how much likelier alike classes are, of weighted anchors (β)'),
  anchorUniformShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.3)
    .describe('share of weighted anchors that are drawn from all retained classes equally (η)'),
});
export type UnlearningChoices = z.infer<typeof UnlearningChoices>;

export const AttributeGroupsConfig = UnlearningChoices.extend({
  modelId: ModelId.nullable()
    .default(null)
    .describe('number of the generative model; the newest where not given'),
  method: GroupMethod.default('guda').describe('how the influence of a group is estimated'),
  groups: z.array(GroupId).default([]).describe('numbers of the groups; all where not given'),
  queries: z.array(QueryId).default([]).describe('numbers of the query images; all where not given'),
  controls: z
    .number()
    .int()
    .min(0)
    .max(200)
    .default(8)
    .describe('random groups of the same size that every finding is held against'),
  timestepCount: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(50)
    .describe('steps of time at which the evidence bound is measured'),
  repeats: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe('trainings without each group (logo), or unlearnings, from other seeds'),
  keepModels: z.boolean().default(false).describe('keep the unlearned or retrained models'),
  seed,
  provider,
});
export type AttributeGroupsConfig = z.infer<typeof AttributeGroupsConfig>;
