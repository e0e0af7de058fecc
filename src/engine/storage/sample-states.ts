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

/** Of the images that meet a condition over the row `s`; without one, of all. Their index has this order: nothing is sorted. */
export function countStates(
  connection: Connection,
  { sql, parameters }: Condition = { sql: 'TRUE', parameters: [] },
): StateCount[] {
  return connection
    .prepare(
      `SELECT s.label, s.split, s.decision, s.missing, count(*) AS count,
              sum(s.label IS NOT s.givenLabel) AS changedCount, sum(${excludedCondition.sql}) AS excludedCount
       FROM samples s WHERE ${sql} GROUP BY s.label, s.split, s.decision, s.missing`,
    )
    .all(...parameters) as StateCount[];
}
