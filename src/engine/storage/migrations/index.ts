/** @file The project database's history. Numbered in tens, forward only: never edit one that was released, add the next. */
import { spine } from './0010-spine.ts';

export interface Migration {
  readonly version: number;
  readonly sql: string;
}

export const migrations: readonly Migration[] = [spine];
