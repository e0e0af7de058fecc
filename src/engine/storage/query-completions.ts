/** @file What may stand at the cursor in a query: words of the language, and names and values of the project with their counts. */
import type { QueryCompletion, QueryCompletions } from '../../contract/samples-service.ts';
import { AppError } from '../../core/base/app-error.ts';
import { placeAt, suggestionsFor, type QueryPlace } from '../../core/query/complete-query.ts';
import type { FieldReference, Membership } from '../../core/query/expression.ts';
import { quoteColumn, quoteText } from '../../core/query/print-query.ts';
import type { Wanted } from '../../core/query/wanted.ts';
import { listClasses } from './classes.ts';
import type { Connection } from './connection.ts';
import { queryConditions } from './query-condition.ts';
import { fieldKind, sourceOf } from './query-fields.ts';

/** More than a list shows at once. */
const MOST_ITEMS = 40;

/** `error`: why the whole query cannot be answered yet; null where it can. */
export function completeQuery(connection: Connection, query: string, cursor: number): QueryCompletions {
  const place = placeAt(query, Math.min(cursor, query.length));
  const items = place.wanted.flatMap((wanted) => itemsFor(connection, wanted, place));
  return {
    from: place.from,
    to: place.to,
    items: bestFirst(items, place.typed).slice(0, MOST_ITEMS),
    error: errorOf(connection, query),
  };
}

function errorOf(connection: Connection, query: string): QueryCompletions['error'] {
  try {
    queryConditions(connection, query);
    return null;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'query-invalid') throw error;
    return { reason: String(error.details['reason']), at: Number(error.details['at']) };
  }
}

/** Those that begin with what was typed, then those that hold it. */
function bestFirst(items: readonly QueryCompletion[], typed: string): QueryCompletion[] {
  const wanted = typed.toLowerCase();
  const placed = items.map((item) => ({ item, place: item.label.toLowerCase().indexOf(wanted) }));
  return placed
    .filter(({ place }) => place >= 0)
    .sort((a, b) => Number(a.place > 0) - Number(b.place > 0))
    .map(({ item }) => item);
}

function itemsFor(connection: Connection, wanted: Wanted, { typed }: QueryPlace): QueryCompletion[] {
  const known = suggestionsFor(wanted).map((suggestion) => ({
    ...suggestion,
    label: suggestion.text.trim(),
    count: null,
  }));
  switch (wanted.kind) {
    case 'term':
      return [...known.slice(0, 6), ...columnItems(connection), ...known.slice(6)];
    case 'value':
      return withCounts(connection, wanted.field, known, typed);
    case 'name':
      return namesOf(connection, wanted.of);
    case 'operator':
      return wanted.field.kind === 'builtin' || hasColumn(connection, wanted.field.name) ? known : [];
    case 'word':
    case 'text':
      return known;
  }
}

function columnItems(connection: Connection): QueryCompletion[] {
  const names = connection.prepare('SELECT name FROM columns ORDER BY id').pluck().all() as string[];
  return names.map((name) => {
    const text = quoteColumn(name);
    return { text: `${text} `, label: text, note: 'column of an imported table', kind: 'field', count: null };
  });
}

function hasColumn(connection: Connection, name: string): boolean {
  return connection.prepare('SELECT 1 FROM columns WHERE name = ?').get(name) !== undefined;
}

/** Values of a field, those of most images first. Of numbers that every project has there are too many to list. */
function withCounts(
  connection: Connection,
  field: FieldReference,
  choices: readonly QueryCompletion[],
  typed: string,
): QueryCompletion[] {
  if (field.kind === 'column')
    return hasColumn(connection, field.name) ? valueItems(countValues(connection, field, typed)) : [];
  if (field.name === 'label') return classItems(listClasses(connection));
  const kind = fieldKind(field);
  if (kind === 'number' || field.name === 'path') return [];
  const counted = countValues(connection, field);
  if (kind === 'text') return valueItems(counted);
  const counts = new Map(counted.map(({ value, count }) => [value, count]));
  if (kind === 'choice') return choices.map((item) => ({ ...item, count: counts.get(item.label) ?? 0 }));
  return classItems(
    listClasses(connection).map(({ id, name }) => ({ name, sampleCount: counts.get(id) ?? 0 })),
  );
}

interface ValueCount {
  readonly value: string | number;
  readonly count: number;
}

/** Of a column, those that hold what was typed. */
function countValues(connection: Connection, field: FieldReference, typed?: string): ValueCount[] {
  const source = sourceOf(connection, field);
  const [table, scope, parameters] =
    source.kind === 'inline'
      ? ['samples s', 'TRUE', []]
      : [`${source.table} r`, source.scope, source.scopeParameters];
  const part = typed === undefined ? 'TRUE' : 'instr(lower(r.value), lower(?)) > 0';
  return connection
    .prepare(
      `SELECT ${source.value} AS value, count(*) AS count FROM ${table}
       WHERE ${scope} AND ${source.value} IS NOT NULL AND ${part}
       GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${field.kind === 'column' ? MOST_ITEMS : -1}`,
    )
    .all(...parameters, ...(typed === undefined ? [] : [typed])) as ValueCount[];
}

function valueItems(counted: readonly ValueCount[]): QueryCompletion[] {
  return counted.map(({ value, count }) => ({ ...valueItem(String(value)), count }));
}

function classItems(
  classes: readonly { readonly name: string; readonly sampleCount: number }[],
): QueryCompletion[] {
  return classes
    .toSorted((a, b) => b.sampleCount - a.sampleCount)
    .map(({ name, sampleCount }) => ({ ...valueItem(name), count: sampleCount }));
}

const nameQueries: Readonly<Record<Membership, string>> = {
  tagged: `SELECT t.name, count(r.sampleId) AS count FROM tags t JOIN sampleTags r ON r.tagId = t.id
           GROUP BY t.id ORDER BY 2 DESC`,
  subset: `SELECT b.name, count(r.sampleId) AS count FROM subsets b JOIN subsetMembers r ON r.subsetId = b.id
           GROUP BY b.id ORDER BY b.id DESC`,
  unseen: `SELECT id || '' AS name, NULL AS count FROM models m
           WHERE EXISTS (SELECT 1 FROM predictions p WHERE p.modelId = m.id) ORDER BY id DESC`,
};

function namesOf(connection: Connection, of: Membership): QueryCompletion[] {
  const rows = connection.prepare(nameQueries[of]).all() as { name: string; count: number | null }[];
  return rows.map(({ name, count }) => {
    const text = of === 'unseen' ? name : quoteText(name);
    return { text: `${text}) `, label: name, note: '', kind: 'value', count };
  });
}

function valueItem(value: string): Omit<QueryCompletion, 'count'> {
  return { text: `${quoteText(value)} `, label: value, note: '', kind: 'value' };
}
