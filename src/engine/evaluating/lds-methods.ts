/** @file The methods of an LDS run: the one that was asked for, the same with its damping tuned, and similarity to compare with. */
import { AppError } from '../../core/base/app-error.ts';
import { dampingGrid } from '../../core/attribution/tune-damping.ts';
import { linearDatamodelingScore } from '../../core/evaluation/linear-datamodeling-score.ts';
import type { Matrix } from '../../core/linalg/matrix.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { EvaluationWork } from './evaluation-work.ts';
import { predictSubsets, type SubsetPredictions } from './subset-predictions.ts';

export interface PredictedMethod extends SubsetPredictions {
  readonly choices: AttributionChoices;
  /** How the damping was chosen; empty where it was not. */
  readonly trials: readonly DampingTrial[];
}

export interface DampingTrial {
  readonly relative: number;
  /** LDS on the queries that choose. */
  readonly score: number;
}

/** What choosing a damping looks at: other queries than those that are reported on. */
export interface TuningTruth {
  readonly queries: readonly LabelledRow[];
  readonly masks: readonly Uint8Array[];
  /** Goodness [masks, queries]. */
  readonly measured: Matrix;
}

export interface LdsMethods {
  readonly given: PredictedMethod;
  /** null where the method has no damping, or no query may choose it. */
  readonly tuned: PredictedMethod | null;
  readonly similarity: PredictedMethod;
}

/** The cheapest method that anybody would think of: what looks alike to the model's last layer. */
const SIMILARITY = 'embedding-cos';

type Reporting = Pick<RunContext, 'signal' | 'progress'>;

/** Predictions for `queries` over `masks`; reports the fraction of this work alone. */
export async function predictMethods(
  work: EvaluationWork,
  choices: AttributionChoices,
  { queries, masks }: { readonly queries: readonly LabelledRow[]; readonly masks: readonly Uint8Array[] },
  tuning: TuningTruth | null,
  context: Reporting,
): Promise<LdsMethods> {
  const predict = async (wanted: AttributionChoices, part: Reporting): Promise<PredictedMethod> => ({
    ...(await predictSubsets(work, wanted, queries, masks, part)),
    choices: wanted,
    trials: [],
  });
  const given = await predict(choices, partOf(context, 0, 0.3));
  const tuned =
    tuning === null || given.damping === null
      ? null
      : await predictTuned(work, choices, tuning, predict, partOf(context, 0.3, 0.9));
  const similarity =
    choices.method === SIMILARITY
      ? given
      : await predict(
          AttributionChoices.parse({ method: SIMILARITY, seed: choices.seed }),
          partOf(context, 0.9, 1),
        );
  return { given, tuned, similarity };
}

async function predictTuned(
  work: EvaluationWork,
  choices: AttributionChoices,
  tuning: TuningTruth,
  predict: (wanted: AttributionChoices, part: Reporting) => Promise<PredictedMethod>,
  context: Reporting,
): Promise<PredictedMethod> {
  const trials: DampingTrial[] = [];
  const step = 1 / (dampingGrid.length + 1);
  for (const [index, relative] of dampingGrid.entries()) {
    const part = partOf(context, index * step, (index + 1) * step);
    const score = await tryDamping(work, { ...choices, relativeDamping: relative }, tuning, part);
    if (score !== null) trials.push({ relative, score });
  }
  const best = trials.reduce((left, right) => (right.score > left.score ? right : left));
  const predicted = await predict(
    { ...choices, relativeDamping: best.relative },
    partOf(context, 1 - step, 1),
  );
  return { ...predicted, trials };
}

/** null where the factorisation cannot be carried by so little damping, or where no query tells. */
async function tryDamping(
  work: EvaluationWork,
  choices: AttributionChoices,
  { queries, masks, measured }: TuningTruth,
  context: Reporting,
): Promise<number | null> {
  try {
    const { predicted } = await predictSubsets(work, choices, queries, masks, context);
    const { score } = linearDatamodelingScore(predicted, measured);
    return Number.isNaN(score) ? null : score;
  } catch (error) {
    if (error instanceof AppError && error.code === 'damping-too-small') return null;
    throw error;
  }
}
