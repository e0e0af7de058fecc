/** @file A project is a folder: project.db with everything that was decided and found, and big files beside it. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { randomUUID } from 'node:crypto';
import { AppError } from '../../core/base/app-error.ts';
import { openConnection, type Connection } from './connection.ts';
import { writeProjectValue } from './project-values.ts';
import { thumbnailMigrations } from './thumbnail-migrations/index.ts';

/** What every project folder's name ends in; the services add it, the storage takes any path. */
export const PROJECT_SUFFIX = '.whence';

const PROJECT_FILE = 'project.db';
const THUMBNAILS_FILE = 'thumbs.db';

/** An open project. Each thread opens its own on the same path. */
export interface ProjectFolder {
  readonly path: string;
  /** The folder's name without its suffix. */
  readonly name: string;
  /** project.db */
  readonly connection: Connection;
  /** thumbs.db */
  readonly thumbnails: Connection;
  /** May be deleted at any time. */
  readonly cachePath: string;
  readonly featuresPath: string;
  readonly modelsPath: string;
  readonly reportsPath: string;
  /** Images that are asked about. */
  readonly queriesPath: string;
  close(): void;
}

/** Makes a project folder at `path` and opens it. It appears under its name only when it is whole. */
export function createProjectFolder(path: string): ProjectFolder {
  const target = resolve(path);
  if (existsSync(target)) throw new AppError('project-exists', { path: target });
  const partial = join(dirname(target), `.${basename(target)}.${randomUUID()}.partial`);
  try {
    mkdirSync(partial, { recursive: true });
    const connection = openConnection(join(partial, PROJECT_FILE), { create: true });
    writeProjectValue(connection, 'createdAt', new Date().toISOString());
    connection.close();
    openThumbnails(partial).close();
    renameSync(partial, target);
  } catch (cause) {
    rmSync(partial, { recursive: true, force: true });
    throw placeError(cause, target);
  }
  return openProjectFolder(target);
}

/** Opens the project at `path`, migrating it where an older Whence made it. */
export function openProjectFolder(path: string): ProjectFolder {
  const target = resolve(path);
  if (!isFile(join(target, PROJECT_FILE))) throw new AppError('project-not-found', { path: target });
  const connection = openConnection(join(target, PROJECT_FILE));
  let thumbnails: Connection;
  try {
    thumbnails = openThumbnails(target);
  } catch (cause) {
    connection.close();
    throw cause;
  }
  const folder = (name: string): string => {
    const inside = join(target, name);
    mkdirSync(inside, { recursive: true });
    return inside;
  };
  return {
    path: target,
    name: basename(target).slice(0, target.endsWith(PROJECT_SUFFIX) ? -PROJECT_SUFFIX.length : undefined),
    connection,
    thumbnails,
    cachePath: folder('cache'),
    featuresPath: folder('features'),
    modelsPath: folder('models'),
    reportsPath: folder('reports'),
    queriesPath: folder('queries'),
    close: () => {
      connection.close();
      thumbnails.close();
    },
  };
}

/** Opens thumbs.db. It is a cache: where it is missing or damaged it is made anew. */
function openThumbnails(path: string): Connection {
  const file = join(path, THUMBNAILS_FILE);
  const open = (): Connection => openConnection(file, { create: true, migrations: thumbnailMigrations });
  try {
    return open();
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'project-damaged') throw cause;
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    return open();
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** What a person can do about a folder that could not be made. */
function placeError(cause: unknown, path: string): unknown {
  // Somebody made one there in the meantime.
  if (existsSync(path)) return new AppError('project-exists', { path }, { cause });
  if (cause instanceof AppError && cause.code !== 'project-damaged') return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError('project-not-writable', { path, reason }, { cause });
}
