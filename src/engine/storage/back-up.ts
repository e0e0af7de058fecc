/** @file A second database with what one holds now, while others may be writing to it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from './connection.ts';

/** Writes project.db into a new folder. */
export function backUp(connection: Connection, folder: string): void {
  mkdirSync(folder, { recursive: true });
  connection.prepare('VACUUM INTO ?').run(join(folder, 'project.db'));
}
