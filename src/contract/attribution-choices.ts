/** @file How influence is estimated: the choices that attribution, label issues, selection and evaluation share. */
import { z } from 'zod';

export const AttributionMethod = z.enum([
  'trak',
  'grad-dot',
  'grad-cos',
  'tracin',
  'if-cg',
  'if-lissa',
  'if-arnoldi',
  'if-datainf',
  'if-kfac',
  'if-ekfac',
  'logra',
  'logra-kfac',
  'logra-ekfac',
  'representer',
  'embedding-dot',
  'embedding-cos',
  'embedding-l2',
]);
export type AttributionMethod = z.infer<typeof AttributionMethod>;

/** The ways to shorten gradients that core/nn knows. */
export const ProjectionKind = z.enum([
  'fold',
  'factorised',
  'factorised-mask-sjlt',
  'sjlt',
  'rademacher',
  'gaussian',
  'mask',
  'mask-sjlt',
  'none',
]);
export type ProjectionKind = z.infer<typeof ProjectionKind>;

export const Normalisation = z.enum(['none', 'relative-parameters', 'relative-loss', 'renormalised']);
export type Normalisation = z.infer<typeof Normalisation>;

export const EnsembleKind = z.enum(['independent', 'checkpoints', 'dropout', 'dropout-forward', 'lora']);
export type EnsembleKind = z.infer<typeof EnsembleKind>;

export const AttributionChoices = z.object({
  method: AttributionMethod.default('trak').describe('how influence is estimated'),
  normalisation: Normalisation.default('none').describe(
    'divides each training image’s scores by how far it would move the parameters (relative-parameters), by the root of its influence on itself (relative-loss), or by the length of its gradient (renormalised), so that a few outliers do not lead every list',
  ),
  projection: ProjectionKind.default('fold').describe(
    'how gradients are shortened: fold is faithful, factorised is fast; the others are for comparisons, and none keeps them whole',
  ),
  projectionSize: z
    .number()
    .int()
    .min(16)
    .max(16384)
    .default(1024)
    .describe('length of a projected gradient'),
  relativeDamping: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('ridge strength, as a multiple of the mean non-zero eigenvalue of the curvature; null: chosen'),
  iterations: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .nullable()
    .default(null)
    .describe(
      'steps of the iterative influence functions (cg, lissa, arnoldi); null: what the method is known for',
    ),
  ensemble: EnsembleKind.default('independent').describe(
    'what is averaged: independently trained models; checkpoints of one training; dropout masks; dropout masks in the forward pass only; low-rank adapters',
  ),
  models: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('trained models; the model itself is the first, the others are trained alike with other seeds'),
  modelShare: z
    .number()
    .min(0.1)
    .max(1)
    .default(1)
    .describe(
      'share of the training images that each model of an ensemble learns from; below 1 the model itself is not among them',
    ),
  variants: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('checkpoints, dropout masks or adapters of each model; not read for independent models'),
  dropoutRate: z.number().min(0).max(0.9).default(0.3).describe('share of units that a dropout mask drops'),
  maskMode: z
    .enum(['fixed', 'per-sample'])
    .default('fixed')
    .describe('one dropout mask for all images of a member, or another for each image'),
  adapterRank: z.number().int().min(1).max(256).default(16).describe('rank of the low-rank adapters'),
  adapterEpochs: z.number().int().min(1).max(100).default(3).describe('epochs that adapters are trained'),
  adapterLearningRate: z
    .number()
    .positive()
    .default(0.01)
    .describe(
      'learning rate of the adapters (AdamW); a large one takes members further apart, and too large a one makes them useless',
    ),
  projectionSeeds: z
    .enum(['per-member', 'shared'])
    .default('per-member')
    .describe('whether each member of an ensemble shortens gradients its own way'),
  seed: z.number().int().min(0).default(0).describe('equal seeds give equal results'),
});
export type AttributionChoices = z.infer<typeof AttributionChoices>;

/** What an attribution took, so that methods can be compared by cost; members that were there already count what they took when they were made. */
export const AttributionCost = z.object({
  /** Making the ensemble's models beyond the model itself: training, fine-tuning. */
  trainSeconds: z.number(),
  /** Gradients of the training images, and fitting what stands between. */
  cacheSeconds: z.number(),
  /** Gradients of the targets, and scoring. */
  serveSeconds: z.number(),
  /** Parameters that had to be kept beyond the model's own. */
  modelBytes: z.number(),
  /** Features of the training images on disk. */
  featureBytes: z.number(),
});
export type AttributionCost = z.infer<typeof AttributionCost>;
