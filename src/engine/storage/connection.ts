/** @file Opens a SQLite file: WAL, foreign keys, migrations. The folder `storage` is the only place that knows SQL. */
import Database from 'better-sqlite3';
import { AppError } from '../../core/base/app-error.ts';
import { migrations as projectMigrations } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';

export type Connection = Database.Database;

/** How long a write waits for another writer (the run worker, a second process) before it is refused. */
const BUSY_TIMEOUT_MS = 10_000;

export interface ConnectionOptions {
  /** Makes the file where it is missing; otherwise a missing or empty file is an error. */
  readonly create: boolean;
  readonly migrations?: readonly Migration[];
}

/** Opens (and, where `create`, makes) the database at `file` and brings it to the newest schema. */
export function openConnection(file: string, options: ConnectionOptions = { create: false }): Connection {
  const known = options.migrations ?? projectMigrations;
  let connection: Connection | undefined;
  try {
    connection = new Database(file, { fileMustExist: !options.create, timeout: BUSY_TIMEOUT_MS });
    // Before anything is changed: a file of a newer Whence, or of something else, is left as it is.
    checkVersion(connection, file, known, options.create);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    migrate(connection, known);
    return connection;
  } catch (cause) {
    connection?.close();
    throw toAppError(cause, file);
  }
}

/** Applies, in order and each in a transaction of its own, the migrations that this database has not seen. */
export function migrate(connection: Connection, known: readonly Migration[]): void {
  for (const migration of known) {
    if (migration.version <= schemaVersion(connection)) continue;
    const enforced = connection.pragma('foreign_keys', { simple: true });
    // Inside a transaction SQLite does not change this.
    if (migration.rebuildsTables === true) connection.pragma('foreign_keys = OFF');
    try {
      connection.transaction(() => apply(connection, migration)).immediate();
    } finally {
      connection.pragma(`foreign_keys = ${String(enforced)}`);
    }
  }
}

function apply(connection: Connection, migration: Migration): void {
  // Another process may have migrated while this one waited for the lock.
  if (migration.version <= schemaVersion(connection)) return;
  for (const [name, compute] of Object.entries(migration.functions ?? {}))
    connection.function(name, { deterministic: true }, compute as (...values: unknown[]) => unknown);
  connection.exec(migration.sql);
  if (migration.rebuildsTables === true && (connection.pragma('foreign_key_check') as object[]).length > 0)
    throw new Error(`migration ${migration.version} would break references between tables`);
  connection.pragma(`user_version = ${migration.version}`);
}

/** Runs `work` in one write transaction: all of it happens, or nothing. Nested calls join the outer transaction. */
export function transact<Result>(connection: Connection, work: () => Result): Result {
  try {
    return connection.transaction(work).immediate();
  } catch (cause) {
    throw explainStorageError(cause, connection.name);
  }
}

/**
 * The expected error behind a failure of the database: another process writes, the file is damaged, the disk is full.
 * Anything else is returned as it is.
 */
export function explainStorageError(cause: unknown, path: string): unknown {
  if (!(cause instanceof Database.SqliteError)) return cause;
  if (isBusy(cause)) return new AppError('project-busy', { path }, { cause });
  const { code, message: reason } = cause;
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return new AppError('project-damaged', { path, reason }, { cause });
  const isRefused = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN)/.test(code);
  return isRefused ? new AppError('project-not-writable', { path, reason }, { cause }) : cause;
}

export function sqliteVersion(): string {
  const connection = new Database(':memory:');
  const version = connection.prepare('SELECT sqlite_version()').pluck().get() as string;
  connection.close();
  return version;
}

function checkVersion(
  connection: Connection,
  file: string,
  known: readonly Migration[],
  create: boolean,
): void {
  const found = schemaVersion(connection);
  const newest = known.at(-1)!.version;
  if (found > newest) throw new AppError('project-too-new', { path: file, found, known: newest });
  if (found === 0 && !create) {
    throw new AppError('project-damaged', { path: file, reason: 'it has no tables of Whence' });
  }
}

function schemaVersion(connection: Connection): number {
  return connection.pragma('user_version', { simple: true }) as number;
}

function toAppError(cause: unknown, file: string): AppError {
  if (cause instanceof AppError) return cause;
  if (isBusy(cause)) return new AppError('project-busy', { path: file }, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('project-damaged', { path: file, reason }, { cause });
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(cause.code);
}
