/** @file The names in a query as the numbers that the project knows them by; a name it does not know is an error with its place. */
import type { FieldReference, Literal, Membership } from '../../core/query/expression.ts';
import { nearestName, queryError } from '../../core/query/query-error.ts';
import { builtinNames } from '../../core/query/fields.ts';
import type { ClassId, ColumnId, ModelId } from '../../contract/vocabulary.ts';
import { classNames } from './classes.ts';
import type { Connection } from './connection.ts';

/** More names than an error can list. */
const LISTED_NAMES = 12;

export function classNamed(connection: Connection, { text, at }: Literal): ClassId {
  const names = new Map([...classNames(connection)].map(([id, name]) => [name, id]));
  const wanted = text.normalize('NFC');
  return names.get(wanted) ?? refuse('class', text, at, names.keys());
}

export function columnNamedIn(
  connection: Connection,
  { name, at }: Extract<FieldReference, { kind: 'column' }>,
): ColumnId {
  const names = namesOf(connection, 'SELECT name, id FROM columns ORDER BY id');
  return (
    (names.get(name) as ColumnId | undefined) ??
    refuse('field or column', name, at, [...names.keys(), ...builtinNames])
  );
}

/** The number of the tag, subset or model; a model or a subset may be given by its number. */
export function memberSetNamed(connection: Connection, of: Membership, name: Literal): number {
  if (of === 'unseen') return predictingModel(connection, name);
  if (of === 'tagged') {
    const names = namesOf(connection, 'SELECT name, id FROM tags WHERE removed = 0 ORDER BY name');
    return names.get(name.text.normalize('NFC')) ?? refuse('tag', name.text, name.at, names.keys());
  }
  const subsets = entriesOf(connection, 'SELECT name, id FROM subsets ORDER BY id');
  return numbered(subsets, name) ?? refuse('subset', name.text, name.at, new Map(subsets).keys());
}

/** The model of this name or number that has predictions; null as a name: the newest, null where there is none. */
export function predictingModel(connection: Connection, name: Literal): ModelId;
export function predictingModel(connection: Connection, name: Literal | null): ModelId | null;
export function predictingModel(connection: Connection, name: Literal | null): ModelId | null {
  if (name === null)
    return connection.prepare('SELECT max(modelId) FROM predictions').pluck().get() as ModelId | null;
  const models = entriesOf(
    connection,
    'SELECT name, id FROM models m WHERE EXISTS (SELECT 1 FROM predictions p WHERE p.modelId = m.id) ORDER BY id',
  );
  const id = numbered(models, name) as ModelId | undefined;
  return id ?? refuse('model with predictions', name.text, name.at, new Map(models).keys());
}

/** A name given twice means its newest bearer. */
function numbered(entries: readonly Named[], { text, number }: Literal): number | undefined {
  return new Map(entries).get(text) ?? entries.find(([, id]) => id === number)?.[1];
}

type Named = readonly [name: string, id: number];

function entriesOf(connection: Connection, sql: string): Named[] {
  return connection.prepare(sql).raw().all() as Named[];
}

function namesOf(connection: Connection, sql: string): Map<string, number> {
  return new Map(entriesOf(connection, sql));
}

function refuse(what: string, written: string, at: number, known: Iterable<string>): never {
  const names = [...known];
  const near = nearestName(written, names);
  const listed = names.slice(0, LISTED_NAMES).join(', ') || 'none';
  const there = near === null ? `there are: ${listed}` : `did you mean ${near}?`;
  throw queryError(`there is no ${what} “${written}”; ${there}`, at);
}
