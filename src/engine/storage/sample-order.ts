/** @file The order of the grid as SQL: by any field that queries know. Images without a value come last, ties in the order of import. */
import type { SampleOrder } from '../../contract/samples-service.ts';
import { parseField } from '../../core/query/parse-query.ts';
import type { Connection } from './connection.ts';
import { matching, MatchedImages } from './matched-images.ts';
import { fieldKind, sourceOf, type FieldSource } from './query-fields.ts';
import type { Condition } from './text-condition.ts';

/**
 * Ids of the images that meet the condition, in order. What stands in rows of its own (scores, columns) is read in the order of
 * its index, and the images without a value after it: a million images are not sorted for it. What meets the condition is found first, and not by looking at
 * the images in that order.
 */
export function orderedIds(
  connection: Connection,
  condition: Condition,
  { by, descending }: SampleOrder,
): number[] {
  const direction = descending ? 'DESC' : 'ASC';
  const select = (text: string, ...values: readonly (string | number | null)[]): number[] =>
    connection
      .prepare(text)
      .pluck()
      .all(...values) as number[];
  const sorted = (...values: string[]): string =>
    [...values.map((value) => `${value} ${direction} NULLS LAST`), 's.id'].join(', ');
  if (by === 'import')
    return select(
      `SELECT s.id FROM samples s WHERE ${condition.sql} ORDER BY s.id ${direction}`,
      ...condition.parameters,
    );
  const test = new MatchedImages(connection).test(condition);
  const { sql, parameters } = matching(test, 's.id');
  const field = parseField(by);
  const source = sourceOf(connection, field);
  if (fieldKind(field) === 'class') {
    const { join, joinParameters } = joinOf(source);
    return select(
      `SELECT s.id FROM samples s ${join} LEFT JOIN classes c ON c.id = ${source.value}
       WHERE ${sql} ORDER BY ${sorted('c.name')}`,
      ...joinParameters,
      ...parameters,
    );
  }
  if (source.kind === 'inline') {
    // Paths are never missing: without NULLS LAST their index gives the order.
    const order = by === 'path' ? `s.path ${direction}, s.id` : sorted(source.value);
    return select(`SELECT s.id FROM samples s WHERE ${sql} ORDER BY ${order}`, ...parameters);
  }
  const { table, scope, scopeParameters, value, number, rank } = source;
  const among = matching(test, 'r.sampleId');
  const valued = (key: string, way: string, part = 'TRUE'): number[] =>
    select(
      `SELECT r.sampleId FROM ${table} r WHERE ${scope} AND ${key} IS NOT NULL AND ${part} AND ${among.sql}
       ORDER BY ${key} ${way}, r.sampleId`,
      ...scopeParameters,
      ...among.parameters,
    );
  const without = select(
    `SELECT s.id FROM samples s WHERE ${sql} AND NOT EXISTS
       (SELECT 1 FROM ${table} r WHERE ${scope} AND r.sampleId = s.id AND ${value} IS NOT NULL) ORDER BY s.id`,
    ...parameters,
    ...scopeParameters,
  );
  // A rank counts from the greatest score on.
  if (rank !== undefined) return valued(rank, descending ? 'ASC' : 'DESC').concat(without);
  if (number === undefined) return valued(value, direction).concat(without);
  return [...valued(number, direction), ...valued(value, direction, `${number} IS NULL`), ...without];
}

function joinOf(source: FieldSource): { join: string; joinParameters: readonly (string | number | null)[] } {
  if (source.kind === 'inline') return { join: '', joinParameters: [] };
  const { table, scope, scopeParameters } = source;
  return { join: `LEFT JOIN ${table} r ON ${scope} AND r.sampleId = s.id`, joinParameters: scopeParameters };
}
