/** @file Opens project.db: WAL, foreign keys, migrations. The folder `storage` is the only place that knows SQL. */
import Database from 'better-sqlite3';
import { AppError } from '../../core/base/app-error.ts';
import { migrations } from './migrations/index.ts';

export type Connection = Database.Database;

/** Opens (and, where `create`, makes) the database at `file` and brings it to the newest schema. */
export function openConnection(
  file: string,
  options: { readonly create: boolean } = { create: false },
): Connection {
  let connection: Connection;
  try {
    connection = new Database(file, { fileMustExist: !options.create });
    connection.pragma('journal_mode = WAL');
  } catch (cause) {
    throw new AppError(
      'project-damaged',
      { path: file, reason: String((cause as Error).message) },
      { cause },
    );
  }
  connection.pragma('synchronous = NORMAL');
  connection.pragma('foreign_keys = ON');
  connection.pragma('busy_timeout = 10000');
  migrate(connection, file);
  return connection;
}

/** Applies, in order and each in a transaction of its own, the migrations that this database has not seen. */
export function migrate(connection: Connection, file: string): void {
  const found = connection.pragma('user_version', { simple: true }) as number;
  const known = migrations.at(-1)!.version;
  if (found > known) {
    connection.close();
    throw new AppError('project-too-new', { path: file, found, known });
  }
  for (const migration of migrations) {
    if (migration.version <= found) continue;
    connection
      .transaction(() => {
        connection.exec(migration.sql);
        connection.pragma(`user_version = ${migration.version}`);
      })
      .immediate();
  }
}
