/** @file The table `project`: single facts about the project by key. */
import type { Connection } from './connection.ts';

export type ProjectKey = 'createdAt';

export function readProjectValue(connection: Connection, key: ProjectKey): string | null {
  const value = connection.prepare('SELECT value FROM project WHERE key = ?').pluck().get(key);
  return (value as string | undefined) ?? null;
}

export function writeProjectValue(connection: Connection, key: ProjectKey, value: string): void {
  connection
    .prepare(
      'INSERT INTO project (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    )
    .run(key, value);
}
