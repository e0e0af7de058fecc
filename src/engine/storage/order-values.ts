/** @file What an order of the grid goes by, image by image: what a place in it means to a person. */
import { parseField } from '../../core/query/parse-query.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { fieldKind, sourceOf, type FieldSource } from './query-fields.ts';

type OrderValue = string | number | null;

/** In the order of the ids: the name of a class, a number, a text; null: the image has none. By import: when it was imported. */
export function readOrderValues(connection: Connection, by: string, ids: readonly SampleId[]): OrderValue[] {
  const { value, join, parameters } = by === 'import' ? importTime : valueOf(connection, by);
  const found = connection
    .prepare(
      `SELECT s.id, ${value} FROM json_each(?) wanted JOIN samples s ON s.id = wanted.value ${join} ORDER BY wanted.key`,
    )
    .raw()
    .all(JSON.stringify(ids), ...parameters) as [SampleId, OrderValue][];
  const values = new Map(found);
  return ids.map((id) => values.get(id) ?? null);
}

interface ValueQuery {
  readonly value: string;
  readonly join: string;
  readonly parameters: readonly OrderValue[];
}

const importTime: ValueQuery = { value: 's.importedAt', join: '', parameters: [] };

function valueOf(connection: Connection, by: string): ValueQuery {
  const field = parseField(by);
  const source = sourceOf(connection, field);
  const { join, parameters } = joinOf(source);
  if (fieldKind(field) !== 'class') {
    const number = source.kind === 'rows' ? source.number : undefined;
    const value = number === undefined ? source.value : `coalesce(${number}, ${source.value})`;
    return { value, join, parameters };
  }
  return { value: 'c.name', join: `${join} LEFT JOIN classes c ON c.id = ${source.value}`, parameters };
}

function joinOf(source: FieldSource): Omit<ValueQuery, 'value'> {
  if (source.kind === 'inline') return { join: '', parameters: [] };
  const { table, scope, scopeParameters } = source;
  return { join: `LEFT JOIN ${table} r ON ${scope} AND r.sampleId = s.id`, parameters: scopeParameters };
}
