/** @file What an LDS run answers and keeps: one evaluation of each method, beside chance, ceiling and similarity. */
import type { LdsJudge } from '../../core/evaluation/lds-judge.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { RunSummary } from '../runs/run-context.ts';
import type { NewEvaluation } from '../storage/evaluations.ts';
import type { LdsMethods, PredictedMethod } from './lds-methods.ts';

export interface LdsReport<Choices> {
  readonly modelId: ModelId;
  readonly judge: LdsJudge;
  readonly methods: LdsMethods<Choices>;
  /** What all were measured on. */
  readonly figures: Readonly<Record<string, number>>;
  readonly describe: (choices: Choices) => Pick<NewEvaluation, 'title' | 'choices' | 'diffusionChoices'>;
}

/** The method as it was given, tuned, and the similarities, in this order; none twice. */
export function ldsEvaluations<Choices>({
  modelId,
  judge,
  methods,
  figures,
  describe,
}: LdsReport<Choices>): NewEvaluation[] {
  const { given, tuned, similarities } = methods;
  const similarity = strongest(judge, similarities);
  const compared = new Set([given, ...(tuned === null ? [] : [tuned]), ...similarities]);
  return [...compared].map((method) => {
    const { constantQueries, ...judgement } = judge.judge(method.predicted);
    return {
      modelId,
      kind: 'lds',
      ...describe(method.choices),
      ...judgement,
      ceiling: judge.ceiling,
      figures: {
        ...figures,
        'constant queries': constantQueries,
        ...(method.damping === null ? {} : { 'relative damping': method.damping.relative }),
        ...(similarities.includes(method) ? {} : comparison(judge, method, similarity)),
      },
      curves: dampingCurve(method),
      cost: method.cost,
    };
  });
}

/** The figures of the method as it was given, `evaluations` being those of the report. */
export function summarizeLds<Choices>(
  evaluations: readonly NewEvaluation[],
  { judge, methods }: LdsReport<Choices>,
): RunSummary {
  const [given] = evaluations;
  const { modelId, score, deviation, ceiling, chance, figures } = given!;
  return {
    modelId,
    score,
    deviation,
    ceiling,
    chanceDeviation: chance?.deviation ?? null,
    tunedScore: methods.tuned === null ? null : evaluations[1]!.score,
    similarityScore: judge.judge(strongest(judge, methods.similarities).predicted).score,
    subsets: figures['subsets']!,
    queries: figures['queries']!,
    constantQueries: figures['constant queries']!,
    cacheSeconds: given!.cost!.cacheSeconds,
    serveSeconds: given!.cost!.serveSeconds,
  };
}

function strongest<Choices>(
  judge: LdsJudge,
  similarities: readonly PredictedMethod<Choices>[],
): PredictedMethod<Choices> {
  const scored = similarities.map((method) => ({ method, score: judge.judge(method.predicted).score }));
  return scored.reduce((left, right) => (right.score > left.score ? right : left)).method;
}

function comparison<Choices>(
  judge: LdsJudge,
  method: PredictedMethod<Choices>,
  similarity: PredictedMethod<Choices>,
): Record<string, number> {
  const { lead, deviation } = judge.lead(method.predicted, similarity.predicted);
  return {
    'similarity score': judge.judge(similarity.predicted).score,
    'lead over similarity': lead,
    'lead deviation': deviation,
  };
}

function dampingCurve<Choices>({ trials }: PredictedMethod<Choices>): NewEvaluation['curves'] {
  if (trials.length === 0) return [];
  const points = trials.map(({ relative, score }) => ({ x: relative, y: score, deviation: null }));
  return [{ name: 'LDS by damping, on the queries that chose it', points }];
}
