/** @file The methods of an LDS run: the one that was asked for, the same with its damping tuned, and similarity to compare with. */
import { AppError } from '../../core/base/app-error.ts';
import type { Damping } from '../../core/attribution/preconditioner.ts';
import { averageOutputs, linearDatamodelingScore } from '../../core/evaluation/linear-datamodeling-score.ts';
import { selectColumns, splitQueries } from '../../core/evaluation/tune-damping-by-lds.ts';
import type { Matrix, Matrix64 } from '../../core/linalg/matrix.ts';
import type { AttributionCost } from '../../contract/attribution-choices.ts';
import { partOf } from '../attributing/progress-part.ts';
import type { RunContext } from '../runs/run-context.ts';

/** What is read of the choices here, of classifiers and of models that make images alike. */
interface DampedChoices {
  readonly method: string;
  readonly relativeDamping: number | null;
}

export interface SubsetPredictions {
  /** Σ of the scores of a subset's images, [masks, queries]. */
  readonly predicted: Matrix64;
  readonly damping: Damping | null;
  readonly cost: AttributionCost;
}

export interface PredictedMethod<Choices> extends SubsetPredictions {
  readonly choices: Choices;
  /** How the damping was chosen; empty where it was not. */
  readonly trials: readonly DampingTrial[];
}

export interface DampingTrial {
  readonly relative: number;
  /** LDS on the queries that choose. */
  readonly score: number;
}

/** What choosing a damping looks at: other queries than those that are reported on. */
export interface TuningTruth<Query> {
  readonly queries: readonly Query[];
  readonly masks: readonly Uint8Array[];
  /** Goodness [masks, queries]. */
  readonly measured: Matrix;
}

export interface DividedTruth<Query> {
  /** `repeats`: goodness [subsets, queries]. */
  readonly reported: { readonly queries: readonly Query[]; readonly repeats: readonly Matrix[] };
  readonly tuning: TuningTruth<Query> | null;
}

export interface LdsMethods<Choices> {
  readonly given: PredictedMethod<Choices>;
  /** null where the method has no damping, or no query may choose it. */
  readonly tuned: PredictedMethod<Choices> | null;
  /** The cheapest methods that anybody would think of: what looks alike. */
  readonly similarities: readonly PredictedMethod<Choices>[];
}

type Reporting = Pick<RunContext, 'signal' | 'progress'>;

/** Predictions of one way to attribute for these queries over these masks; reports the fraction of this work alone. */
export type PredictSubsets<Choices, Query> = (
  choices: Choices,
  queries: readonly Query[],
  masks: readonly Uint8Array[],
  context: Reporting,
) => Promise<SubsetPredictions>;

export interface MethodsPlan<Choices, Query> {
  readonly predict: PredictSubsets<Choices, Query>;
  readonly choices: Choices;
  readonly similarities: readonly Choices[];
  /** Of those that are reported on. */
  readonly queries: readonly Query[];
  readonly masks: readonly Uint8Array[];
  readonly tuning: TuningTruth<Query> | null;
  /** Relative dampings that are tried. */
  readonly dampings: readonly number[];
}

/** Some queries choose a damping, the others are reported on; the same for all methods, whether they have one or not. */
export function divideTruth<Query>(
  { masks, repeats }: { readonly masks: readonly Uint8Array[]; readonly repeats: readonly Matrix[] },
  queries: readonly Query[],
  options: { readonly tuningShare: number; readonly seed: number },
): DividedTruth<Query> {
  const all = Int32Array.from(queries.keys());
  const { tuningQueries, reportedQueries } =
    options.tuningShare === 0
      ? { tuningQueries: new Int32Array(0), reportedQueries: all }
      : splitQueries(queries.length, options);
  const part = (places: Int32Array) => {
    // Attributions want their targets grouped and in order.
    const rising = places.toSorted();
    return {
      queries: Array.from(rising, (place) => queries[place]!),
      repeats: repeats.map((outputs) => selectColumns(outputs, rising)),
    };
  };
  const tuning = part(tuningQueries);
  return {
    reported: part(reportedQueries),
    tuning:
      tuningQueries.length === 0
        ? null
        : { queries: tuning.queries, masks, measured: averageOutputs(tuning.repeats) },
  };
}

/** Reports the fraction of this work alone. */
export async function predictMethods<Choices extends DampedChoices, Query>(
  plan: MethodsPlan<Choices, Query>,
  context: Reporting,
): Promise<LdsMethods<Choices>> {
  const { choices, tuning } = plan;
  const given = await predictReported(plan, choices, partOf(context, 0, 0.3));
  const tuned =
    tuning === null || given.damping === null
      ? null
      : await predictTuned(plan, tuning, partOf(context, 0.3, 0.9));
  const similarities: PredictedMethod<Choices>[] = [];
  for (const similarity of plan.similarities)
    similarities.push(
      similarity.method === choices.method
        ? given
        : await predictReported(plan, similarity, partOf(context, 0.9, 1)),
    );
  return { given, tuned, similarities };
}

async function predictReported<Choices, Query>(
  { predict, queries, masks }: MethodsPlan<Choices, Query>,
  choices: Choices,
  context: Reporting,
): Promise<PredictedMethod<Choices>> {
  return { ...(await predict(choices, queries, masks, context)), choices, trials: [] };
}

async function predictTuned<Choices extends DampedChoices, Query>(
  plan: MethodsPlan<Choices, Query>,
  tuning: TuningTruth<Query>,
  context: Reporting,
): Promise<PredictedMethod<Choices> | null> {
  const { choices, dampings } = plan;
  const trials: DampingTrial[] = [];
  const step = 1 / (dampings.length + 1);
  for (const [index, relative] of dampings.entries()) {
    const part = partOf(context, index * step, (index + 1) * step);
    const score = await tryDamping(plan, { ...choices, relativeDamping: relative }, tuning, part);
    if (score !== null) trials.push({ relative, score });
  }
  if (trials.length === 0) return null;
  const best = trials.reduce((left, right) => (right.score > left.score ? right : left));
  const chosen = { ...choices, relativeDamping: best.relative };
  return { ...(await predictReported(plan, chosen, partOf(context, 1 - step, 1))), trials };
}

/** null where the factorisation cannot be carried by so little damping, or where no query tells. */
async function tryDamping<Choices, Query>(
  { predict }: MethodsPlan<Choices, Query>,
  choices: Choices,
  { queries, masks, measured }: TuningTruth<Query>,
  context: Reporting,
): Promise<number | null> {
  try {
    const { predicted } = await predict(choices, queries, masks, context);
    const { score } = linearDatamodelingScore(predicted, measured);
    return Number.isNaN(score) ? null : score;
  } catch (error) {
    if (error instanceof AppError && error.code === 'damping-too-small') return null;
    throw error;
  }
}
