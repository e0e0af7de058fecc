/** @file Runs that measure, by training again, how far an attribution of generated images or a ranking of groups can be trusted on one model. */
import { z } from 'zod';
import { ProviderChoice } from './engine-service.ts';
import {
  AttributeGroupsConfig,
  DiffusionChoices,
  DiffusionMethod,
  GroupMethod,
  UnlearningChoices,
} from './generation-configs.ts';
import { ModelId, QueryId } from './vocabulary.ts';

const modelId = ModelId.nullable()
  .default(null)
  .describe('number of the generative model; the newest where not given');
const queries = z.array(QueryId).default([]).describe('numbers of the query images; all where not given');
const provider = ProviderChoice.default('auto').describe(
  'where it computes; auto: the fastest that passes a self-test against the CPU',
);

/** Linear datamodeling score: subsets are trained on, and the scores' sums must rank them as the measured losses do. */
export const EvaluateGenerativeLdsConfig = DiffusionChoices.extend({
  modelId,
  queries,
  subsets: z
    .number()
    .int()
    .min(4)
    .max(10_000)
    .default(32)
    .describe('random subsets of the training images that are trained on'),
  share: z.number().min(0.05).max(0.95).default(0.5).describe('share of the training images in each subset'),
  repeats: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe('trainings of each subset, with other seeds; two at least tell the ceiling'),
  measuredTimesteps: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(50)
    .describe('steps of time, evenly spread, at which the loss of a query is measured'),
  tuningShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.25)
    .describe(
      'share of the queries that choose the damping and are not reported on; 0: the damping is as given',
    ),
  dampings: z
    .array(z.number().positive())
    .min(1)
    .default([1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100])
    .describe('dampings that are tried, as multiples of the mean non-zero eigenvalue'),
  provider,
});
export type EvaluateGenerativeLdsConfig = z.infer<typeof EvaluateGenerativeLdsConfig>;

/** How well estimates rank groups as training without each group does. */
export const EvaluateGroupsConfig = UnlearningChoices.extend({
  modelId,
  methods: z
    .array(GroupMethod.exclude(['logo']))
    .min(1)
    .default(['guda', 'ascent', 'd-trak-sum', 'embedding-mean', 'pixel-mean'])
    .describe('ways to score groups that are compared'),
  ...AttributeGroupsConfig.pick({ groups: true, queries: true, timestepCount: true, seed: true }).shape,
  repeats: z
    .number()
    .int()
    .min(2)
    .max(20)
    .default(3)
    .describe(
      'trainings without each group, with other seeds: their mean is the truth, their spread the ceiling',
    ),
  provider,
});
export type EvaluateGroupsConfig = z.infer<typeof EvaluateGroupsConfig>;

/** A way to choose which training images are removed. */
export const RemovalMethod = z.enum(['random', ...DiffusionMethod.options]);
export type RemovalMethod = z.infer<typeof RemovalMethod>;

/** Counterfactual: an image is made again by a model that never saw the training images that score highest for it. */
export const EvaluateCounterfactualConfig = DiffusionChoices.omit({
  method: true,
  outputFunction: true,
}).extend({
  modelId,
  methods: z
    .array(RemovalMethod)
    .min(1)
    .default(['d-trak', 'trak', 'random'])
    .describe('what chooses the images that are removed; random is always among them'),
  queries: queries.describe('numbers of images that the model made; some of them where not given'),
  queryCount: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(8)
    .describe('images that are drawn by the seed where none are named'),
  share: z
    .number()
    .min(0.005)
    .max(0.9)
    .default(0.2)
    .describe('share of the training images that is removed for each image'),
  provider,
});
export type EvaluateCounterfactualConfig = z.infer<typeof EvaluateCounterfactualConfig>;
