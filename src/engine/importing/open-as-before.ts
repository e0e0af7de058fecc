/** @file Opens a source as it was imported before, where nothing else is said: a guess that was corrected once is not made again. */
import { resolve } from 'node:path';
import type { SourceChoices } from '../../contract/imports-service.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { Connection } from '../storage/connection.ts';
import { recallSourceChoices, saysAnything } from '../storage/source-choices.ts';
import { openSource, type Source } from './open-source.ts';

export interface OpenedSource {
  readonly source: Source;
  /** What was said of it at an earlier import, and holds here; null: nothing, or something else is said now. */
  readonly remembered: SourceChoices | null;
}

/** Throws `source-…` errors. */
export async function openAsBefore(
  connection: Connection,
  given: SourceChoices,
  signal?: AbortSignal,
): Promise<OpenedSource> {
  if (saysAnything(given)) return { source: await openSource(given, signal), remembered: null };
  const asked = await reopen(recallSourceChoices(connection, resolve(given.sourcePath)), given, signal);
  if (asked !== null) return asked;
  const source = await openSource(given, signal);
  // A table may speak for its folder: the source is another path than the one that was asked for.
  const known = await reopen(recallSourceChoices(connection, source.path), given, signal);
  return known ?? { source, remembered: null };
}

/** null: nothing was chosen before, or it is not possible any more: a column is gone, the layout is another. */
async function reopen(
  remembered: SourceChoices | null,
  { sourcePath }: SourceChoices,
  signal: AbortSignal | undefined,
): Promise<OpenedSource | null> {
  if (remembered === null) return null;
  try {
    return { source: await openSource({ ...remembered, sourcePath }, signal), remembered };
  } catch (cause) {
    const isOutdated =
      cause instanceof AppError &&
      ['source-column-unknown', 'source-layout-impossible', 'source-not-found'].includes(cause.code);
    if (isOutdated) return null;
    throw cause;
  }
}
