/** @file Runs that measure how far an attribution, a ranking of label errors or a selection can be trusted on one model. */
import { z } from 'zod';
import { AttributionChoices } from './attribution-choices.ts';
import { ProviderChoice } from './engine-service.ts';
import { ModelId } from './vocabulary.ts';

const modelId = ModelId.nullable().default(null).describe('number of the model; the newest where not given');
const provider = ProviderChoice.default('auto').describe(
  'where it computes; auto: the fastest that passes a self-test against the CPU',
);
const queryCount = z
  .number()
  .int()
  .min(1)
  .max(10_000)
  .default(200)
  .describe('images whose output is predicted, drawn from the test split (else from val, else held out)');
const measured = z
  .enum(['margin', 'loss'])
  .default('loss')
  .describe('what is measured of a query: the margin of its label, or its loss (less is better)');

/** Linear datamodeling score: subsets are trained on, and the scores' sums must rank them as the measured outputs do. */
export const EvaluateLdsConfig = AttributionChoices.extend({
  modelId,
  subsets: z
    .number()
    .int()
    .min(8)
    .max(10_000)
    .default(50)
    .describe('random subsets of the training images that are trained on'),
  share: z.number().min(0.05).max(0.95).default(0.5).describe('share of the training images in each subset'),
  repeats: z.number().int().min(1).max(20).default(2).describe('trainings of each subset, with other seeds'),
  queryCount,
  measured,
  tuningShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.1)
    .describe(
      'share of the queries that choose the damping and are not reported on; 0: the damping is as given',
    ),
  provider,
});
export type EvaluateLdsConfig = z.infer<typeof EvaluateLdsConfig>;

/** Leave-one-out: single images are left out. Meaningful only where training is nearly deterministic. */
export const EvaluateLeaveOneOutConfig = AttributionChoices.extend({
  modelId,
  removals: z.number().int().min(2).max(5000).default(50).describe('training images left out, one at a time'),
  repeats: z.number().int().min(1).max(20).default(1).describe('trainings of each, with other seeds'),
  queryCount,
  measured,
  provider,
});
export type EvaluateLeaveOneOutConfig = z.infer<typeof EvaluateLeaveOneOutConfig>;

/** Brittleness: how many of a prediction's strongest proponents must go before it flips. */
export const EvaluateBrittlenessConfig = AttributionChoices.extend({
  modelId,
  queryCount: queryCount.default(20),
  removals: z
    .array(z.number().int().min(1))
    .default([20, 40, 80, 160])
    .describe('numbers of strongest proponents that are removed before training again'),
  repeats: z.number().int().min(1).max(20).default(1).describe('trainings of each removal, with other seeds'),
  provider,
});
export type EvaluateBrittlenessConfig = z.infer<typeof EvaluateBrittlenessConfig>;

/** Planted label errors: how well each signal and their combination find them. */
export const EvaluateMislabelConfig = AttributionChoices.extend({
  modelId,
  noise: z
    .enum(['uniform', 'class-dependent'])
    .default('uniform')
    .describe('a planted error is any other class, or mostly the class that the model confuses it with'),
  share: z.number().min(0.01).max(0.4).default(0.1).describe('share of the labels that are changed'),
  provider,
});
export type EvaluateMislabelConfig = z.infer<typeof EvaluateMislabelConfig>;
