/** @file The event log as a file: one JSON object a line, chained by hashes, so that a line that was changed, added or left out shows. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { listClasses } from '../storage/classes.ts';
import type { Connection } from '../storage/connection.ts';
import { eventsInOrder, type LoggedEvent } from '../storage/logged-events.ts';
import { chainEvents } from './event-chain.ts';

export interface WrittenLog {
  readonly path: string;
  readonly rows: number;
  readonly sha256: string;
}

/** Throws `export-failed`. */
export function exportLog(connection: Connection, given: string): WrittenLog {
  const path = resolve(given);
  const { lines } = chainEvents(namedEvents(connection));
  const pieces = lines.map((line) => Buffer.from(`${line}\n`));
  const whole = createHash('sha256');
  for (const piece of pieces) whole.update(piece);
  try {
    writeFileWhole(path, pieces);
  } catch (cause) {
    throw new AppError('export-failed', { path, reason: (cause as Error).message }, { cause });
  }
  return { path, rows: pieces.length, sha256: whole.digest('hex') };
}

function* namedEvents(connection: Connection): Generator<object> {
  const names = new Map(listClasses(connection).map(({ id, name }) => [id, name]));
  const nameOf = (id: number | null): string | null =>
    id === null ? null : (names.get(id as never) ?? null);
  for (const event of eventsInOrder(connection)) yield named(event, nameOf);
}

/** Classes by their names: numbers mean nothing outside the project. */
function named(event: LoggedEvent, nameOf: (id: number | null) => string | null): object {
  const { decided, ...rest } = event;
  return {
    ...rest,
    decided: decided.map(({ labelBefore, labelAfter, ...image }) => ({
      ...{ ...image, labelBefore: nameOf(labelBefore), labelAfter: nameOf(labelAfter) },
    })),
  };
}
