/** @file Choosing the images worth training on. */
import { z } from 'zod';
import { AttributionChoices } from './attribution-choices.ts';
import { ProviderChoice } from './engine-service.ts';
import { ModelId, SubsetId } from './vocabulary.ts';

export const SelectionStrategy = z.enum([
  'diversity',
  'uncertainty',
  'influence',
  'self-influence',
  'el2n',
  'forgetting',
  'synset',
  'random',
]);
export type SelectionStrategy = z.infer<typeof SelectionStrategy>;

const selection = {
  modelId: ModelId.nullable().default(null).describe('number of the model; the newest where not given'),
  share: z.number().gt(0).lt(1).default(0.3).describe('budget: share of the training images that are chosen'),
  balance: z
    .enum(['none', 'class', 'group'])
    .default('class')
    .describe('how the budget is shared out: freely, equally among classes, or among folders'),
  keep: z
    .enum(['high', 'low'])
    .nullable()
    .default(null)
    .describe('whether high or low scores are kept; null: what the strategy is known for'),
  target: z
    .enum(['val', 'test', 'held-out'])
    .default('held-out')
    .describe(
      'whose outputs the strategies influence and synset serve; held-out: what the model was validated on',
    ),
  suspects: z
    .enum(['last', 'as-ranked'])
    .default('last')
    .describe(
      'images whose label cross-validation doubts: taken only when nothing else is left, or as their scores rank them',
    ),
  provider: ProviderChoice.default('auto').describe(
    'where it computes; auto: the fastest that passes a self-test against the CPU',
  ),
};

export const SelectConfig = AttributionChoices.extend({
  ...selection,
  strategy: SelectionStrategy.default('diversity').describe('what an image is chosen for'),
  subsetId: SubsetId.nullable()
    .default(null)
    .describe('number of a subset that is there: it is measured, and nothing is chosen'),
  name: z.string().max(100).default('').describe('name of the subset; made from the choices where not given'),
  repeats: z
    .number()
    .int()
    .min(0)
    .max(20)
    .default(0)
    .describe(
      'trainings on the subset, with other seeds, to measure its effect beside random subsets; 0: not measured',
    ),
});
export type SelectConfig = z.infer<typeof SelectConfig>;

/** All strategies at one budget, measured by training again. */
export const EvaluateSelectionConfig = AttributionChoices.extend({
  ...selection,
  strategies: z
    .array(SelectionStrategy)
    .default(SelectionStrategy.options.filter((strategy) => strategy !== 'synset'))
    .describe(
      'strategies that are compared; random is always among them. Where none are given: all that need no synset',
    ),
  repeats: z.number().int().min(2).max(20).default(3).describe('trainings of each, with other seeds'),
});
export type EvaluateSelectionConfig = z.infer<typeof EvaluateSelectionConfig>;
