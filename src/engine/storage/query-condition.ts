/**
 * @file A query as an SQL condition over the row `s` of samples; everything that was written is a bound parameter.
 *
 * [Note: Two truth values] In SQL a comparison with a missing value is neither true nor false. A query's condition holds or
 * does not: what is not true does not hold, so its opposite is `IS NOT TRUE`, and `!=` is the opposite of `=`.
 */
import type { Expression, Flag, Literal } from '../../core/query/expression.ts';
import { definitionOf } from '../../core/query/fields.ts';
import { parseField, parseQuery } from '../../core/query/parse-query.ts';
import { classNames } from './classes.ts';
import type { Connection } from './connection.ts';
import { newestIssueRun } from './issues.ts';
import { sourceOf, type FieldSource } from './query-fields.ts';
import { classNamed, memberSetNamed } from './query-names.ts';
import { containsFolded, foldCase, foundInText, type Condition } from './text-condition.ts';

/** No condition where the query is empty. Throws 'query-invalid' with the place where it cannot be understood. */
export function queryConditions(connection: Connection, query: string): Condition[] {
  const expression = parseQuery(query);
  return expression === null ? [] : [compile(connection, expression)];
}

/** The field, named as in a query, is a number between both ends; an end that is null is open. */
export function rangeConditions(
  connection: Connection,
  ranges: readonly { readonly field: string; readonly from: number | null; readonly to: number | null }[],
): Condition[] {
  return ranges.flatMap(({ field, from, to }) => {
    const bounds = [
      ...(from === null ? [] : [['>=', numberLiteral(from)] as const]),
      ...(to === null ? [] : [['<=', numberLiteral(to)] as const]),
    ];
    return bounds.length === 0 ? [] : [ordered(sourceOf(connection, parseField(field)), bounds)];
  });
}

function numberLiteral(number: number): Literal {
  return { text: String(number), number, at: 0 };
}

function compile(connection: Connection, expression: Expression): Condition {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const parts = expression.parts.map((part) => compile(connection, part));
      return {
        sql: `(${parts.map((part) => part.sql).join(expression.kind === 'and' ? ' AND ' : ' OR ')})`,
        parameters: parts.flatMap((part) => part.parameters),
      };
    }
    case 'not':
      return opposite(compile(connection, expression.inner));
    case 'flag':
      return flagCondition(connection, expression.flag);
    case 'member':
      return memberCondition(connection, expression);
    case 'text':
      return foundInText(connection, foldCase(expression.value.text));
    default:
      return compileField(connection, expression);
  }
}

type FieldExpression = Extract<Expression, { readonly field: unknown }>;

function compileField(connection: Connection, expression: FieldExpression): Condition {
  switch (expression.kind) {
    case 'compare': {
      const { field, comparison, value } = expression;
      if (comparison === '!=') return opposite(compile(connection, { ...expression, comparison: '=' }));
      if (comparison === '=') return compile(connection, { kind: 'in', field, values: [value] });
      return ordered(sourceOf(connection, field), [[comparison, value]]);
    }
    case 'between': {
      const { field, low, high } = expression;
      return ordered(sourceOf(connection, field), [
        ['>=', low],
        ['<=', high],
      ]);
    }
    case 'in':
      return oneOfValues(connection, expression);
    case 'contains':
      return containing(connection, expression);
    case 'empty': {
      const source = sourceOf(connection, expression.field);
      return opposite(where(source, (value) => ({ sql: `${value} IS NOT NULL`, parameters: [] })));
    }
  }
}

function opposite({ sql, parameters }: Condition): Condition {
  return { sql: `(${sql}) IS NOT TRUE`, parameters };
}

/** The field's value meets a condition; rows are looked up by their own index, once for the whole query. */
function where(
  source: FieldSource,
  test: (value: string, number: string | undefined) => Condition,
): Condition {
  if (source.kind === 'inline') return test(source.value, undefined);
  const { sql, parameters } = test(source.value, source.number);
  return {
    sql: `s.id IN (SELECT r.sampleId FROM ${source.table} r WHERE ${source.scope} AND ${sql})`,
    parameters: [...source.scopeParameters, ...parameters],
  };
}

/** A number is compared with what the value says as a number, a text with the value as it is written. */
function ordered(source: FieldSource, bounds: readonly (readonly [string, Literal])[]): Condition {
  return where(source, (value, number) => ({
    sql: bounds
      .map(([comparison, bound]) => {
        const side = number !== undefined && bound.number !== null ? number : value;
        return `${side} ${comparison} ?`;
      })
      .join(' AND '),
    parameters: bounds.map(([, bound]) => bound.number ?? bound.text),
  }));
}

function oneOfValues(
  connection: Connection,
  { field, values }: Extract<Expression, { kind: 'in' }>,
): Condition {
  const source = sourceOf(connection, field);
  if (field.kind === 'column') {
    const numbers = values.map((value) => value.number).filter((number) => number !== null);
    return where(source, (value, number) => ({
      sql:
        `(${value} IN (${holes(values)})` +
        `${numbers.length === 0 ? '' : ` OR ${number!} IN (${holes(numbers)})`})`,
      parameters: [...values.map(({ text }) => text), ...numbers],
    }));
  }
  const { kind } = definitionOf(field.name);
  const wanted = values.map((value) =>
    kind === 'class' ? classNamed(connection, value) : kind === 'number' ? value.number! : value.text,
  );
  return where(source, (value) => ({ sql: `${value} IN (${holes(wanted)})`, parameters: wanted }));
}

function containing(
  connection: Connection,
  { field, value: { text } }: Extract<Expression, { kind: 'contains' }>,
): Condition {
  const part = foldCase(text);
  const source = sourceOf(connection, field);
  const isClass = field.kind === 'builtin' && definitionOf(field.name).kind === 'class';
  if (!isClass) return where(source, (value) => containsFolded(connection, value, part));
  const ids = [...classNames(connection)].filter(([, name]) => foldCase(name).includes(part));
  return where(source, (value) => ({
    sql: `${value} IN (${holes(ids)})`,
    parameters: ids.map(([id]) => id),
  }));
}

/** The image is left out of trainings. */
export const excludedCondition: Condition = {
  sql: 's.id IN (SELECT x.sampleId FROM exclusions x)',
  parameters: [],
};

function flagCondition(connection: Connection, flag: Flag): Condition {
  switch (flag) {
    case 'missing':
      return { sql: 's.missing = 1', parameters: [] };
    case 'unlabelled':
      return { sql: 's.label IS NULL', parameters: [] };
    case 'relabelled':
      return { sql: 's.label IS NOT s.givenLabel', parameters: [] };
    case 'excluded':
      return excludedCondition;
    case 'issue':
      return {
        sql: 's.id IN (SELECT r.sampleId FROM issues r WHERE r.runId = ?)',
        parameters: [newestIssueRun(connection)],
      };
  }
}

const memberRows = {
  tagged: 'sampleTags r WHERE r.tagId = ?',
  subset: 'subsetMembers r WHERE r.subsetId = ?',
  unseen: 'predictions r WHERE r.outOfSample = 1 AND r.modelId = ?',
} as const;

function memberCondition(
  connection: Connection,
  { of, name }: Extract<Expression, { kind: 'member' }>,
): Condition {
  return {
    sql: `s.id IN (SELECT r.sampleId FROM ${memberRows[of]})`,
    parameters: [memberSetNamed(connection, of, name)],
  };
}

function holes(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
