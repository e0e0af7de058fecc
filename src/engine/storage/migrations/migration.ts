/** @file One step of a database's history. Numbered in tens, forward only: never edit one that was released, add the next. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}
