/** @file How many images are in each state: of every combination of label, split, decision and missing, in one pass over one index. */
import type { ClassId, DecisionAction, Split } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { excludedCondition } from './query-condition.ts';
import type { Condition } from './text-condition.ts';

export interface StateCount {
  readonly label: ClassId | null;
  readonly split: Split;
  readonly decision: DecisionAction | null;
  readonly missing: 0 | 1;
  readonly count: number;
  /** Of them: images whose label is not the one that they came with. */
  readonly changedCount: number;
  /** Of them: images that trainings leave out. */
  readonly excludedCount: number;
}

/** Of all images, as they stood at a version of the database: the summary and the filter panel ask for the same at the same moment. */
const known = new WeakMap<Connection, { readonly version: string; readonly states: StateCount[] }>();

/** Of all images. */
export function countAllStates(connection: Connection): readonly StateCount[] {
  const everything = { sql: 'TRUE', parameters: [] };
  // What is counted within a transaction may be rolled back.
  if (connection.inTransaction) return countStates(connection, everything);
  const changes = connection.prepare('SELECT total_changes()').pluck().get() as number;
  const version = `${changes} ${connection.pragma('data_version', { simple: true }) as number}`;
  const last = known.get(connection);
  if (last?.version === version) return last.states;
  const states = countStates(connection, everything);
  known.set(connection, { version, states });
  return states;
}

/** Of the images that meet a condition over the row `s`. Their index has this order: nothing is sorted. */
export function countStates(connection: Connection, { sql, parameters }: Condition): StateCount[] {
  return connection
    .prepare(
      `SELECT s.label, s.split, s.decision, s.missing, count(*) AS count,
              sum(s.label IS NOT s.givenLabel) AS changedCount, sum(${excludedCondition.sql}) AS excludedCount
       FROM samples s WHERE ${sql} GROUP BY s.label, s.split, s.decision, s.missing`,
    )
    .all(...parameters) as StateCount[];
}
