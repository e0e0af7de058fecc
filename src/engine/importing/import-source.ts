/** @file Imports a source into a project, or looks again at one that was imported before. Originals are only read. */
import { basename, resolve } from 'node:path';
import type { SourceChoices } from '../../contract/imports-service.ts';
import type { ImportConfig } from '../../contract/runs-service.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { ensureClass } from '../storage/classes.ts';
import { transact, type Connection } from '../storage/connection.ts';
import { recordImport } from '../storage/events.ts';
import { ensureSource } from '../storage/imports.ts';
import { rememberSourceChoices } from '../storage/source-choices.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { ImportCounts } from './import-counts.ts';
import { importImages } from './import-images.ts';
import type { ImportTask } from './import-task.ts';
import { compareNaturally } from '../sources/list-files.ts';
import { openAsBefore } from './open-as-before.ts';
import type { Source } from './open-source.ts';

/** Who the log names for an import: nobody decided anything. */
const IMPORTER = 'Whence';

export async function importSource(
  folder: ProjectFolder,
  config: ImportConfig,
  context: RunContext,
): Promise<RunSummary> {
  context.progress('Looking for images', null);
  const { connection } = folder;
  const { source } = await openAsBefore(connection, config, context.signal);
  const counts = new ImportCounts();
  const task: ImportTask = {
    folder,
    sourceId: transact(connection, () =>
      noteSource(connection, source, { ...config, sourcePath: resolve(config.sourcePath) }),
    ),
    context,
    counts,
    classIds: (names) => {
      const sorted = [...new Set(names)].filter((name) => name.trim() !== '').sort(compareNaturally);
      return transact(connection, () => new Map(sorted.map((name) => [name, ensureClass(connection, name)])));
    },
  };
  await importImages(source, task);
  const summary = counts.summary();
  transact(connection, () => {
    recordImport(connection, {
      reviewer: IMPORTER,
      text: `Imported ${basename(source.path)}: ${counts.describe()}`,
      payload: { sourcePath: source.path, kind: source.kind, ...summary },
    });
  });
  context.progress('Imported', 1, counts.figures());
  return { sourcePath: source.path, kind: source.kind, ...summary };
}

function noteSource(connection: Connection, source: Source, choices: SourceChoices): number {
  const sourceId = ensureSource(connection, source);
  rememberSourceChoices(connection, sourceId, choices);
  return sourceId;
}
