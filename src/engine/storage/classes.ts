/** @file The classes that a label can name. */
import { AppError } from '../../core/base/app-error.ts';
import type { ClassEntry, ClassId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

/** All classes by name, with how many images carry each one now. */
export function listClasses(connection: Connection): ClassEntry[] {
  return connection
    .prepare(
      `SELECT c.id, c.name, count(s.id) AS sampleCount FROM classes c LEFT JOIN samples s ON s.label = c.id
       GROUP BY c.id ORDER BY c.name`,
    )
    .all() as ClassEntry[];
}

export function classNames(connection: Connection): ReadonlyMap<ClassId, string> {
  const rows = connection.prepare('SELECT id, name FROM classes ORDER BY name').raw().all();
  return new Map(rows as [ClassId, string][]);
}

/** The name of a class that must exist. */
export function classNameOf(connection: Connection, id: ClassId): string {
  const names = classNames(connection);
  const name = names.get(id);
  if (name !== undefined) return name;
  throw new AppError('class-not-found', { name: `number ${id}`, known: [...names.values()].join(', ') });
}

/** The id of the class called `name`, which is made where there is none. */
export function ensureClass(connection: Connection, name: string): ClassId {
  const wanted = name.trim().normalize('NFC');
  if (wanted === '') throw new AppError('class-name-empty');
  return transact(connection, () => {
    const found = connection.prepare('SELECT id FROM classes WHERE name = ?').pluck().get(wanted);
    if (found !== undefined) return found as ClassId;
    return connection.prepare('INSERT INTO classes (name) VALUES (?)').run(wanted).lastInsertRowid as ClassId;
  });
}
