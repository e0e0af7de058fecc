/** @file A project in a temporary folder and a way to import into it, as a run would. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceChoices } from '../src/contract/imports-service.ts';
import type { RunId } from '../src/contract/vocabulary.ts';
import { importSource } from '../src/engine/importing/import-source.ts';
import type { RunContext, RunSummary } from '../src/engine/runs/run-context.ts';
import { createProjectFolder, type ProjectFolder } from '../src/engine/storage/project-folder.ts';

export interface ImportProject {
  readonly folder: ProjectFolder;
  import(
    sourcePath: string,
    context?: Partial<RunContext>,
    choices?: Omit<SourceChoices, 'sourcePath'>,
  ): Promise<RunSummary>;
  /** Rows of any query, for looking at what was stored. */
  rows(sql: string): Record<string, unknown>[];
  remove(): void;
}

export function makeImportProject(): ImportProject {
  const home = mkdtempSync(join(tmpdir(), 'whence-import-'));
  const folder = createProjectFolder(join(home, 'test.whence'));
  return {
    folder,
    import: (sourcePath, context = {}, choices = {}) =>
      importSource(
        folder,
        { sourcePath, ...choices },
        { runId: 1 as RunId, signal: new AbortController().signal, progress: () => undefined, ...context },
      ),
    rows: (sql) => folder.connection.prepare(sql).all() as Record<string, unknown>[],
    remove: () => {
      folder.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
