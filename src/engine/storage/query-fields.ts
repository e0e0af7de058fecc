/** @file Where the fields of queries stand in the database, to compare and to order by. */
import type { FieldReference } from '../../core/query/expression.ts';
import { definitionOf, type BuiltinField, type FieldKind } from '../../core/query/fields.ts';
import type { Connection } from './connection.ts';
import { newestIssueRun } from './issues.ts';
import { newestLikenessRun } from './likenesses.ts';
import { columnNamedIn, predictingModel } from './query-names.ts';

type Parameter = string | number | null;

/** inline: an expression over the row `s` of samples · rows: a table of rows `r` with at most one for each image, beside `s`. */
export type FieldSource =
  | { readonly kind: 'inline'; readonly value: string }
  | {
      readonly kind: 'rows';
      readonly table: string;
      /** Over `r`: which rows belong to the field. */
      readonly scope: string;
      readonly scopeParameters: readonly Parameter[];
      readonly value: string;
      /** Of a column: what it says as a number. */
      readonly number?: string;
      /** That orders images as the value does, from the greatest on, without ties. */
      readonly rank?: string;
    };

export function fieldKind(field: FieldReference): FieldKind | 'column' {
  return field.kind === 'column' ? 'column' : definitionOf(field.name).kind;
}

const inline: Partial<Record<BuiltinField, string>> = {
  label: 's.label',
  given_label: 's.givenLabel',
  split: 's.split',
  decision: "coalesce(s.decision, 'none')",
  path: 's.path',
  format: 's.format',
  width: 's.width',
  height: 's.height',
  aspect: '(CAST(s.width AS REAL) / s.height)',
  channels: 's.channels',
  bytes: 's.bytes',
  id: 's.id',
};

export function sourceOf(connection: Connection, field: FieldReference): FieldSource {
  if (field.kind === 'column')
    return {
      ...rows('columnValues', 'r.columnId = ?', columnNamedIn(connection, field), 'r.value'),
      number: 'r.number',
    };
  const value = inline[field.name];
  if (value !== undefined) return { kind: 'inline', value };
  if (field.name === 'predicted' || field.name === 'confidence') {
    const model = predictingModel(connection, field.model);
    const said = field.name === 'predicted' ? 'r.predictedClass' : 'r.confidence';
    return rows('predictions', 'r.modelId = ?', model, said);
  }
  if (field.name === 'likeness')
    return {
      ...rows('likenesses', 'r.runId = ?', newestLikenessRun(connection), 'r.similarity'),
      rank: 'r.rank',
    };
  const run = newestIssueRun(connection);
  if (field.name === 'suggested') return rows('issues', 'r.runId = ?', run, 'r.suggestedLabel');
  return { ...rows('issues', 'r.runId = ?', run, 'r.score'), rank: 'r.rank' };
}

function rows(
  table: string,
  scope: string,
  parameter: Parameter,
  value: string,
): Extract<FieldSource, { kind: 'rows' }> {
  return { kind: 'rows', table, scope, scopeParameters: [parameter], value };
}
