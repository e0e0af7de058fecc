/** @file Text that is searched for, in upper or lower case: as SQL over the row `s` of samples. */
import { classNames } from './classes.ts';
import type { Connection } from './connection.ts';

/** An SQL condition over the row `s`, and its positional parameters. */
export interface Condition {
  readonly sql: string;
  readonly parameters: readonly (string | number | null)[];
}

/** Every word must be found in the image's texts. */
export function textConditions(connection: Connection, text: string): Condition[] {
  const words = foldCase(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  return words.map((word) => foundInText(connection, word));
}

/** The text (case folded) stands in the path, the name of the present label's class, a tag, or a column. */
export function foundInText(connection: Connection, text: string): Condition {
  const named = (names: Iterable<readonly [number, string]>): number[] =>
    [...names].filter(([, name]) => foldCase(name).includes(text)).map(([id]) => id);
  const classIds = named(classNames(connection));
  const tagIds = named(
    connection.prepare('SELECT id, name FROM tags WHERE removed = 0').raw().all() as [number, string][],
  );
  const path = containsFolded(connection, 's.path', text);
  const value = containsFolded(connection, 'r.value', text);
  const parts: Condition[] = [
    path,
    {
      sql: `s.id IN (SELECT r.sampleId FROM columnValues r WHERE ${value.sql})`,
      parameters: value.parameters,
    },
    ...(classIds.length === 0 ? [] : [{ sql: `s.label IN (${classIds.join(', ')})`, parameters: [] }]),
    ...(tagIds.length === 0
      ? []
      : [
          {
            sql: `s.id IN (SELECT r.sampleId FROM sampleTags r WHERE r.tagId IN (${tagIds.join(', ')}))`,
            parameters: [],
          },
        ]),
  ];
  return {
    sql: `(${parts.map((part) => part.sql).join(' OR ')})`,
    parameters: parts.flatMap((part) => part.parameters),
  };
}

/** LIKE ignores the case of ASCII letters only, so other words go through JavaScript, which is five times slower. */
export function containsFolded(connection: Connection, value: string, part: string): Condition {
  if (/^[\x20-\x7e]*$/.test(part)) {
    const pattern = `%${part.replace(/[\\%_]/g, '\\$&')}%`;
    return { sql: `${value} LIKE ? ESCAPE '\\'`, parameters: [pattern] };
  }
  connection.function('containsFolded', { deterministic: true }, (text, wanted) =>
    typeof text === 'string' && foldCase(text).includes(wanted as string) ? 1 : 0,
  );
  return { sql: `containsFolded(${value}, ?)`, parameters: [part] };
}

export function foldCase(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
