/** @file Distilled datamodels: a synset is learned once for a model, and then answers what leaving images out would change (METHODS §4, reconstructed). */
import { z } from 'zod';
import { AttributionChoices } from './attribution-choices.ts';
import { ProviderChoice } from './engine-service.ts';
import { GroupId, ModelId, SubsetId } from './vocabulary.ts';

const id = z.number().int().positive();
export const SynsetId = id.brand<'SynsetId'>();
export type SynsetId = z.infer<typeof SynsetId>;

const modelId = ModelId.nullable().default(null).describe('number of the model; the newest where not given');
const synsetId = SynsetId.nullable()
  .default(null)
  .describe('number of the synset; the newest of the model where not given');
const ofAnyModel = ModelId.nullable()
  .default(null)
  .describe('number of the model; that of the newest synset where not given');
const provider = ProviderChoice.default('auto').describe(
  'where it computes; auto: the fastest that passes a self-test against the CPU',
);

export const DistilConfig = z.object({
  modelId,
  clustersPerClass: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe('clusters into which the images of each class are divided; small classes have fewer'),
  imagesPerCluster: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe('synthetic images that stand for a cluster together'),
  checkpoints: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(3)
    .describe(
      'states of the weights at which the gradients are matched, the last ones of the training, the end among them',
    ),
  iterations: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(300)
    .describe('steps in which the synthetic images are learned'),
  learningRate: z.number().positive().default(0.05).describe('of these steps, in deviations of a pixel'),
  distance: z
    .enum(['angles', 'squares'])
    .default('squares')
    .describe(
      'how far gradients are apart: the squared difference beside the squared length, or angles by output unit and lengths',
    ),
  seed: z.number().int().min(0).default(0).describe('equal seeds give equal clusters'),
  provider,
});
export type DistilConfig = z.infer<typeof DistilConfig>;

/** How the perturbed models are trained. */
const training = {
  steps: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('steps in which each perturbed model goes on from the trained one, each on the whole synset'),
  learningRate: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('learning rate of these steps; null: chosen by the curvature of the synset’s loss'),
  momentum: z.number().min(0).max(1).default(0.9).describe('momentum of these steps'),
};

export const DatamodelMasks = z.enum(['clusters', 'classes', 'groups', 'subset', 'random']);
export type DatamodelMasks = z.infer<typeof DatamodelMasks>;

export const QueryDatamodelConfig = z.object({
  modelId: ofAnyModel,
  synsetId,
  masks: DatamodelMasks.default('clusters').describe(
    'what is left out, one at a time: each cluster, each class, each group, all but a subset, or random clusters together',
  ),
  groups: z
    .array(GroupId)
    .default([])
    .describe('numbers of the groups that are left out; all where none are given'),
  subset: SubsetId.nullable().default(null).describe('number of the subset that alone is kept'),
  randomMasks: z
    .number()
    .int()
    .min(2)
    .max(10_000)
    .default(100)
    .describe('how many sets of random clusters are left out'),
  dropped: z
    .number()
    .min(0.01)
    .max(0.9)
    .default(0.1)
    .describe('chance of each cluster to be left out of a random set'),
  damping: z
    .number()
    .min(0)
    .default(1e-3)
    .describe('of the regression of outputs on random masks, relative to the masks’ mean eigenvalue'),
  measured: z
    .enum(['margin', 'loss'])
    .default('loss')
    .describe('what is asked of an image: the margin of its label, or its loss (less is better)'),
  queryCount: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(1000)
    .describe('images that are asked about, drawn from the test split (else from val, else held out)'),
  ...training,
  seed: z.number().int().min(0).default(0).describe('equal seeds give equal masks and images'),
  provider,
});
export type QueryDatamodelConfig = z.infer<typeof QueryDatamodelConfig>;

/** Clusters are left out in earnest, and the foretold changes held against the measured ones. */
export const EvaluateDatamodelConfig = AttributionChoices.extend({
  modelId: ofAnyModel,
  synsetId,
  removals: z
    .number()
    .int()
    .min(2)
    .max(10_000)
    .default(1000)
    .describe('clusters that are left out in earnest, at most; drawn at random where there are more'),
  repeats: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('trainings without each cluster, with other seeds'),
  queryCount: QueryDatamodelConfig.shape.queryCount,
  measured: QueryDatamodelConfig.shape.measured,
  steps: training.steps,
  synsetLearningRate: training.learningRate,
  momentum: training.momentum,
  provider,
});
export type EvaluateDatamodelConfig = z.infer<typeof EvaluateDatamodelConfig>;
