/** @file The table `evaluations`: what was measured about the methods on a model. */
import type { Evaluation, EvaluationId } from '../../contract/evaluations-service.ts';
import type { ModelId, RunId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

/** An evaluation before it is stored; its run is told beside it. Of classifiers it has no `diffusionChoices`. */
export type NewEvaluation = Omit<Evaluation, 'id' | 'runId' | 'createdAt' | 'diffusionChoices'> &
  Partial<Pick<Evaluation, 'diffusionChoices'>>;

/** Fields that are kept as JSON. */
const structured = ['choices', 'diffusionChoices', 'chance', 'figures', 'curves', 'cost'] as const;
type Structured = (typeof structured)[number];
type EvaluationRow = Omit<Evaluation, Structured> & Readonly<Record<Structured, string | null>>;

/** All that a run measured, at once: what an earlier attempt of the same run had stored is replaced. */
export function saveEvaluations(
  connection: Connection,
  runId: RunId,
  evaluations: readonly NewEvaluation[],
): void {
  const insert = connection.prepare(
    `INSERT INTO evaluations
       (runId, modelId, kind, title, choices, diffusionChoices, score, deviation, ceiling, chance, figures, curves, cost, createdAt)
     VALUES
       (@runId, @modelId, @kind, @title, @choices, @diffusionChoices, @score, @deviation, @ceiling, @chance, @figures, @curves, @cost, @createdAt)`,
  );
  const createdAt = new Date().toISOString();
  transact(connection, () => {
    connection.prepare('DELETE FROM evaluations WHERE runId = ?').run(runId);
    for (const evaluation of evaluations)
      insert.run({ ...evaluation, ...asText(evaluation), runId, createdAt });
  });
}

/** Newest first, those of one run in the order in which it stored them; of one model, or of all where `modelId` is null. */
export function listEvaluations(connection: Connection, modelId: ModelId | null): Evaluation[] {
  const rows = connection
    .prepare(
      `SELECT * FROM evaluations ${modelId === null ? '' : 'WHERE modelId = @modelId'} ORDER BY runId DESC, id`,
    )
    .all(modelId === null ? {} : { modelId }) as EvaluationRow[];
  return rows.map(toEvaluation);
}

export function removeEvaluation(connection: Connection, id: EvaluationId): void {
  connection.prepare('DELETE FROM evaluations WHERE id = ?').run(id);
}

function asText(evaluation: NewEvaluation): Record<Structured, string | null> {
  const text = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
  const { choices, diffusionChoices = null, chance, figures, curves, cost } = evaluation;
  return {
    choices: text(choices),
    diffusionChoices: text(diffusionChoices),
    chance: text(chance),
    figures: text(figures),
    curves: text(curves),
    cost: text(cost),
  };
}

function toEvaluation(row: EvaluationRow): Evaluation {
  const parsed = structured.map((name) => [name, row[name] === null ? null : JSON.parse(row[name])] as const);
  return { ...row, ...(Object.fromEntries(parsed) as Pick<Evaluation, Structured>) };
}
