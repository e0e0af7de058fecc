/** @file One step of a database's history. Numbered in tens, forward only: never edit one that was released, add the next. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
  /** What its SQL calls beside SQLite's own functions. */
  readonly functions?: Readonly<Record<string, (...values: never[]) => number | string | null>>;
  /**
   * It makes tables anew that others refer to, which SQLite allows only while references are not enforced. They are
   * checked before the step is kept.
   */
  readonly rebuildsTables?: boolean;
}
