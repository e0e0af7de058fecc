/** @file What a project takes on disk, part by part, and how the parts that can be made again are put away. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import {
  projectParts,
  type ClearablePart,
  type ProjectPart,
  type StoredPart,
} from '../../contract/storage-parts.ts';
import type { ProjectFolder } from './project-folder.ts';
import { listUnfinishedRuns } from './runs.ts';

/** Files and folders of each part, in the project folder. */
const PLACES: Readonly<Record<ProjectPart, readonly string[]>> = {
  decisions: ['project.db', 'project.db-wal', 'project.db-shm', 'reports'],
  models: ['models'],
  queries: ['queries'],
  maps: ['maps'],
  features: ['features'],
  cache: ['cache'],
  thumbnails: ['thumbs.db', 'thumbs.db-wal', 'thumbs.db-shm'],
};

export function measureParts({ path }: Pick<ProjectFolder, 'path'>): Promise<StoredPart[]> {
  return Promise.all(
    projectParts.map(async (part) => {
      const sizes = await Promise.all(PLACES[part].map((place) => bytesOf(join(path, place))));
      return { part, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) };
    }),
  );
}

/** Deletes parts that are made again when they are needed; refused while a run may be reading them. */
export async function clearParts(folder: ProjectFolder, parts: readonly ClearablePart[]): Promise<void> {
  const [running] = listUnfinishedRuns(folder.connection);
  if (running !== undefined) throw new AppError('storage-in-use', { runId: running.runId });
  for (const part of parts) {
    if (part === 'thumbnails') clearThumbnails(folder);
    else await emptyFolder(part === 'cache' ? folder.cachePath : folder.featuresPath);
  }
}

/** The file stays open: it is emptied, not deleted. */
function clearThumbnails({ thumbnails }: ProjectFolder): void {
  thumbnails.prepare('DELETE FROM thumbnails').run();
  thumbnails.exec('VACUUM');
  thumbnails.pragma('wal_checkpoint(TRUNCATE)');
}

async function emptyFolder(path: string): Promise<void> {
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
}

/** Of a file, or of all files in a folder; 0 where there is nothing, also where it goes away meanwhile. */
async function bytesOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null) return 0;
  if (!found.isDirectory()) return found.size;
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries)
    if (entry.isFile())
      bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0;
  return bytes;
}
