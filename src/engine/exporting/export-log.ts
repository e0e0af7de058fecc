/** @file The event log as a file: one JSON object a line, chained by hashes, so that a line that was changed, added or left out shows. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { listClasses } from '../storage/classes.ts';
import type { Connection } from '../storage/connection.ts';
import { eventsInOrder, type LoggedEvent } from '../storage/logged-events.ts';

/** What stands before the first line. */
const NO_LINE = '0'.repeat(64);

export interface WrittenLog {
  readonly path: string;
  readonly rows: number;
  readonly sha256: string;
}

/** Throws `export-failed`. */
export function exportLog(connection: Connection, given: string): WrittenLog {
  const path = resolve(given);
  const names = new Map(listClasses(connection).map(({ id, name }) => [id, name]));
  const nameOf = (id: number | null): string | null =>
    id === null ? null : (names.get(id as never) ?? null);
  const pieces: Buffer[] = [];
  const whole = createHash('sha256');
  let before = NO_LINE;
  for (const event of eventsInOrder(connection)) {
    const line = JSON.stringify({ ...named(event, nameOf), previous: before });
    before = createHash('sha256').update(line).digest('hex');
    const piece = Buffer.from(`${line}\n`);
    whole.update(piece);
    pieces.push(piece);
  }
  try {
    writeFileWhole(path, pieces);
  } catch (cause) {
    throw new AppError('export-failed', { path, reason: (cause as Error).message }, { cause });
  }
  return { path, rows: pieces.length, sha256: whole.digest('hex') };
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
