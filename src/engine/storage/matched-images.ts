/** @file The images that a filter lets through, found once and handed to every count as a bitmap: a search through a million paths is not made again for each list of the filter panel. */
import { hasSample, setOfSamples, type SampleSet } from '../../contract/sample-set.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import type { Condition } from './text-condition.ts';

/** So many are looked up one by one; of more, every row is asked whether it is among them. */
const MOST_LOOK_UPS = 20_000;

/** Whether the image of an id, an SQL expression, is meant. */
export type IdTest = (id: string) => Condition;

/** Serves the questions of one moment: what is found is not looked for again. */
export class MatchedImages {
  readonly #connection: Connection;
  readonly #found = new Map<string, IdTest>();
  readonly #sets: SampleSet[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.function('isMatched', (place, id) =>
      hasSample(this.#sets[place as number]!, id as SampleId) ? 1 : 0,
    );
  }

  /** The images that meet a condition over the row `s` of samples; null where all do. */
  test(condition: Condition): IdTest | null {
    if (condition.sql === 'TRUE') return null;
    const key = JSON.stringify(condition);
    const test = this.#found.get(key) ?? this.#find(condition);
    this.#found.set(key, test);
    return test;
  }

  #find({ sql, parameters }: Condition): IdTest {
    const ids = this.#connection
      .prepare(`SELECT s.id FROM samples s WHERE ${sql}`)
      .pluck()
      .all(...parameters) as SampleId[];
    if (ids.length <= MOST_LOOK_UPS) {
      const list = JSON.stringify(ids);
      return (id) => ({ sql: `${id} IN (SELECT value FROM json_each(?))`, parameters: [list] });
    }
    const place = this.#sets.push(setOfSamples(ids)) - 1;
    return (id) => ({ sql: `isMatched(${place}, ${id})`, parameters: [] });
  }
}

/** Of a test that is null: everything. */
export function matching(test: IdTest | null, id: string): Condition {
  return test === null ? { sql: 'TRUE', parameters: [] } : test(id);
}
