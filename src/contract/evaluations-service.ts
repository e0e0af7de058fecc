/** @file What was measured about the methods on a model: scores with ceilings and costs, and what that lets a screen say. */
import { z } from 'zod';
import { AttributionChoices, AttributionCost } from './attribution-choices.ts';
import { DiffusionChoices } from './generation-configs.ts';
import { call, service } from './service.ts';
import { ModelId, nothing, RunId, Timestamp } from './vocabulary.ts';

/** What can be measured of classifiers, and what of models that make images. */
export const ClassifierEvaluationKind = z.enum([
  'lds',
  'loo',
  'ddm',
  'brittleness',
  'mislabel-auc',
  'selection',
]);
export type ClassifierEvaluationKind = z.infer<typeof ClassifierEvaluationKind>;
export const GenerativeEvaluationKind = z.enum(['lds', 'groups', 'counterfactual']);
export type GenerativeEvaluationKind = z.infer<typeof GenerativeEvaluationKind>;
export const EvaluationKind = z.enum([
  ...ClassifierEvaluationKind.options,
  ...GenerativeEvaluationKind.exclude(['lds']).options,
]);
export type EvaluationKind = z.infer<typeof EvaluationKind>;

const id = z.number().int().positive();
export const EvaluationId = id.brand<'EvaluationId'>();
export type EvaluationId = z.infer<typeof EvaluationId>;

/** A line of a chart: y over x, with the spread of y where it is known. */
export const EvaluationCurve = z.object({
  name: z.string(),
  points: z.array(z.object({ x: z.number(), y: z.number(), deviation: z.number().nullable() })),
});

/** One evaluation of one way to attribute, rank or select. */
export const Evaluation = z.object({
  id: EvaluationId,
  runId: RunId,
  modelId: ModelId,
  kind: EvaluationKind,
  /** For a person: 'TRAK, 10 models'. */
  title: z.string(),
  /** null where no attribution of a classifier was involved, such as for a baseline. */
  choices: AttributionChoices.nullable(),
  /** The same of images that a model made. */
  diffusionChoices: DiffusionChoices.nullable().default(null),
  /** LDS, correlation, share of flipped predictions, area under the curve, accuracy, share of groups found, distance. */
  score: z.number(),
  /** Standard deviation over bootstrap resamples or repeats; null where there is one only. */
  deviation: z.number().nullable(),
  /** What a perfect predictor would reach on these measurements; null where it cannot be told. */
  ceiling: z.number().nullable(),
  /** What chance gives. */
  chance: z.object({ mean: z.number(), deviation: z.number() }).nullable(),
  /** Everything else that was measured: 'subsets', 'queries', 'constant queries', … */
  figures: z.record(z.string(), z.number()),
  curves: z.array(EvaluationCurve),
  cost: AttributionCost.nullable(),
  createdAt: Timestamp,
});
export type Evaluation = z.infer<typeof Evaluation>;

/** What a shown score may be taken for. */
export const Validity = z.object({
  /** measured: better than chance and than similarity; no-better: not; not-evaluated: nobody has measured this way on this model. */
  standing: z.enum(['measured', 'no-better', 'not-evaluated']),
  /** Short, for a badge: 'LDS 0.41 ± 0.02, ceiling 0.78'. */
  badge: z.string(),
  /** One or two sentences for a person. */
  explanation: z.string(),
  evaluationId: EvaluationId.nullable(),
});
export type Validity = z.infer<typeof Validity>;

export const evaluations = service({
  name: 'evaluations',
  calls: {
    /** Newest first; of one model, or of all. */
    list: call(z.object({ modelId: ModelId.nullable().default(null) }), z.array(Evaluation)),
    remove: call(z.object({ id: EvaluationId }), z.null()),
  },
  events: { changed: nothing },
});
