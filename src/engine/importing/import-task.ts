/** @file What an import has to work with. */
import { AppError } from '../../core/base/app-error.ts';
import type { ClassId } from '../../contract/vocabulary.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { ImportCounts } from './import-counts.ts';

export interface ImportTask {
  readonly folder: ProjectFolder;
  readonly sourceId: number;
  readonly context: RunContext;
  readonly counts: ImportCounts;
  /** Ids of class names, made in natural order where they are new. */
  readonly classIds: (names: Iterable<string>) => ReadonlyMap<string, ClassId>;
}

/** An unexpected failure of one file becomes a detail text; a failure of Whence itself goes on its way. */
export function problemDetail(cause: unknown): string {
  if (cause instanceof AppError) return cause.message;
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it';
  if (code === 'ENOENT') return 'it vanished, or its name cannot be expressed here';
  if (code !== undefined && cause instanceof Error) return cause.message;
  throw cause;
}
