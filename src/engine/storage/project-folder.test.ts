import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainStorageError, migrate, openConnection, transact } from './connection.ts';
import { migrations } from './migrations/index.ts';
import { createProjectFolder, openProjectFolder } from './project-folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-project-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Everything that the schema is made of, without the order in which it was made. */
function schemaOf(connection: Database.Database): unknown[] {
  return connection
    .prepare(
      "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all();
}

describe('a project folder', () => {
  it('appears whole under its name, with both databases and no leftovers', () => {
    const folder = createProjectFolder(join(home, 'shirts.whence'));
    expect(folder.name).toBe('shirts');
    expect(folder.connection.prepare('SELECT count(*) FROM samples').pluck().get()).toBe(0);
    expect(folder.thumbnails.prepare('SELECT count(*) FROM thumbnails').pluck().get()).toBe(0);
    const { featuresPath, modelsPath, reportsPath, queriesPath, cachePath } = folder;
    for (const path of [featuresPath, modelsPath, reportsPath, queriesPath, cachePath])
      expect(existsSync(path)).toBe(true);
    folder.close();
    expect(readdirSync(home)).toEqual(['shirts.whence']);
  });

  it('keeps what was written when it is opened again, and when the folder was moved', () => {
    const folder = createProjectFolder(join(home, 'a.whence'));
    folder.connection.prepare("INSERT INTO classes (name) VALUES ('coat')").run();
    folder.close();
    renameSync(join(home, 'a.whence'), join(home, 'b.whence'));
    const again = openProjectFolder(join(home, 'b.whence'));
    expect(again.name).toBe('b');
    expect(again.connection.prepare('SELECT name FROM classes').pluck().all()).toEqual(['coat']);
    again.close();
  });

  it('is refused where something already is, even an empty folder', () => {
    mkdirSync(join(home, 'a.whence'));
    expect(() => createProjectFolder(join(home, 'a.whence'))).toThrow(
      expect.objectContaining({ code: 'project-exists' }),
    );
    expect(readdirSync(join(home, 'a.whence'))).toEqual([]);
  });

  it('says that it cannot be made below a file, and leaves nothing behind', () => {
    writeFileSync(join(home, 'file'), '');
    expect(() => createProjectFolder(join(home, 'file', 'a.whence'))).toThrow(
      expect.objectContaining({ code: 'project-not-writable' }),
    );
    expect(readdirSync(home)).toEqual(['file']);
  });

  it('is not found where there is no project.db', () => {
    mkdirSync(join(home, 'photos'));
    for (const path of [join(home, 'photos'), join(home, 'nothing')]) {
      expect(() => openProjectFolder(path)).toThrow(expect.objectContaining({ code: 'project-not-found' }));
    }
  });

  it.each([
    ['no database', 'these bytes are not a database, however long one looks at them'.repeat(20)],
    ['empty', ''],
  ])('is damaged, and left untouched, where project.db is %s', (_, bytes) => {
    mkdirSync(join(home, 'a.whence'));
    writeFileSync(join(home, 'a.whence', 'project.db'), bytes);
    expect(() => openProjectFolder(join(home, 'a.whence'))).toThrow(
      expect.objectContaining({ code: 'project-damaged' }),
    );
    expect(readdirSync(join(home, 'a.whence'))).toEqual(['project.db']);
  });

  it('of a newer Whence is refused and not written to', () => {
    createProjectFolder(join(home, 'a.whence')).close();
    const raw = new Database(join(home, 'a.whence', 'project.db'));
    raw.pragma('user_version = 9990');
    raw.close();
    expect(() => openProjectFolder(join(home, 'a.whence'))).toThrow(
      expect.objectContaining({
        code: 'project-too-new',
        details: expect.objectContaining({ found: 9990 }) as object,
      }),
    );
  });

  it.each([
    ['lost', (file: string) => rmSync(file)],
    ['damaged', (file: string) => writeFileSync(file, 'no database'.repeat(1000))],
  ])('makes %s thumbnails storage anew, for it is a cache', (_, spoil) => {
    createProjectFolder(join(home, 'a.whence')).close();
    spoil(join(home, 'a.whence', 'thumbs.db'));
    const folder = openProjectFolder(join(home, 'a.whence'));
    expect(folder.thumbnails.prepare('SELECT count(*) FROM thumbnails').pluck().get()).toBe(0);
    folder.close();
  });
});

describe('migrations', () => {
  it('are numbered upwards', () => {
    const versions = migrations.map((migration) => migration.version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
  });

  it.each(migrations.slice(0, -1).map((migration, index) => [migration.version, index] as const))(
    'from schema %i keep its rows and end at the same schema as a fresh project',
    (_, index) => {
      const old = new Database(join(home, 'old.db'));
      migrate(old, migrations.slice(0, index + 1));
      old.exec(`
        INSERT INTO classes VALUES (1, 'coat'), (2, 'shirt');
        INSERT INTO sources (id, kind, path, importedAt) VALUES (1, 'class-folders', '/photos', '2026-01-01T00:00:00.000Z');
        INSERT INTO samples (id, sourceId, path, sha256, bytes, modifiedMs, format, width, height, channels, split,
          givenLabel, label, importedAt)
          VALUES (1, 1, 'coat/1.png', 'aa', 10, 0, 'png', 8, 8, 3, 'train', 1, 1, '2026-01-01T00:00:00.000Z');
        INSERT INTO runs (id, kind, status, config, createdAt) VALUES (1, 'train', 'finished', '{}', '2026-01-01');
        INSERT INTO models (id, runId, name, architecture, parameterCount, imageSize, channels, classIds, normalization,
          artifact, dataHash, trainCount, createdAt)
          VALUES (1, 1, 'a', 'cnn', 1, 8, 3, '[1,2]', '{}', 'a', 'h', 1, '2026-01-01');
        INSERT INTO issueRuns (runId, modelId, estimatedNoise, createdAt) VALUES (1, 1, 0.1, '2026-01-01');`);
      old.close();
      const migrated = openConnection(join(home, 'old.db'));
      const fresh = openConnection(join(home, 'fresh.db'), { create: true });
      expect(schemaOf(migrated)).toEqual(schemaOf(fresh));
      expect(migrated.prepare('SELECT path FROM samples').pluck().all()).toEqual(['coat/1.png']);
      expect(migrated.prepare('SELECT task, denoiser FROM models').all()).toEqual([
        { task: 'classify', denoiser: null },
      ]);
      expect(migrated.prepare('SELECT estimatedNoise FROM issueRuns').pluck().get()).toBe(0.1);
      expect(migrated.pragma('user_version', { simple: true })).toBe(migrations.at(-1)!.version);
      expect(migrated.pragma('foreign_key_check')).toEqual([]);
      migrated.close();
      fresh.close();
    },
  );

  it('that fail leave the schema as it was', () => {
    const connection = new Database(join(home, 'a.db'));
    migrate(connection, migrations);
    const before = schemaOf(connection);
    const broken = { version: 9990, sql: 'CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER);' };
    expect(() => migrate(connection, [...migrations, broken])).toThrow();
    expect(schemaOf(connection)).toEqual(before);
    connection.close();
  });
});

describe('a write', () => {
  it('says that another process is writing, once its patience is over, and then can be done again', () => {
    const first = createProjectFolder(join(home, 'a.whence'));
    const second = openProjectFolder(first.path);
    second.connection.pragma('busy_timeout = 20');
    const write = (): unknown =>
      transact(second.connection, () => second.connection.exec("INSERT INTO classes (name) VALUES ('coat')"));
    first.connection.exec('BEGIN IMMEDIATE');
    expect(write).toThrow(expect.objectContaining({ code: 'project-busy' }));
    expect(second.connection.prepare('SELECT count(*) FROM classes').pluck().get()).toBe(0);
    first.connection.exec('COMMIT');
    write();
    expect(first.connection.prepare('SELECT name FROM classes').pluck().all()).toEqual(['coat']);
    first.close();
    second.close();
  });

  it('is all or nothing, also with another inside it', () => {
    const folder = createProjectFolder(join(home, 'a.whence'));
    const { connection } = folder;
    const insert = connection.prepare('INSERT INTO classes (name) VALUES (?)');
    expect(() =>
      transact(connection, () => {
        transact(connection, () => insert.run('coat'));
        insert.run('coat');
      }),
    ).toThrow('UNIQUE');
    expect(connection.prepare('SELECT count(*) FROM classes').pluck().get()).toBe(0);
    folder.close();
  });

  it.each([
    ['SQLITE_FULL', 'project-not-writable'],
    ['SQLITE_READONLY_DBMOVED', 'project-not-writable'],
    ['SQLITE_CORRUPT', 'project-damaged'],
    ['SQLITE_BUSY_SNAPSHOT', 'project-busy'],
  ])('that SQLite refuses with %s tells the person %s', (code, expected) => {
    const cause = new Database.SqliteError('refused', code);
    expect(explainStorageError(cause, home)).toMatchObject({ code: expected });
  });

  it('that breaks a rule of ours stays a bug', () => {
    const cause = new Database.SqliteError('UNIQUE', 'SQLITE_CONSTRAINT_UNIQUE');
    expect(explainStorageError(cause, home)).toBe(cause);
  });
});
