import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { DiffusionChoices } from '../../contract/generation-configs.ts';
import type { ModelId, QueryId, RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import {
  findQueryInfluences,
  insertQueries,
  insertQueryAttribution,
  listQueries,
  readQueries,
  removeQueries,
  saveQueryAttributionCost,
  saveQueryInfluences,
  type NewQuery,
} from './queries.ts';

let fixture: ProjectFixture;
let connection: Connection;
let model: { runId: RunId; modelId: ModelId };
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 10 });
  ({ connection } = fixture.folder);
  model = insertModel(fixture);
});
afterEach(() => fixture.remove());

const file = (name: string): NewQuery => ({
  ...{ origin: 'file', modelId: null, runId: null, place: null, name, generation: {}, classId: null },
  ...{ file: `queries/${name}.png`, sha256: name, width: 8, height: 8, claimed: null },
});
const generated = (place: number, sha256: string): NewQuery => ({
  ...file(sha256),
  ...{ origin: 'generated', ...model, place, generation: { seed: 3, image: place } },
});

describe('query images', () => {
  it('are listed newest first, and read in the order that is asked for or, all of them, by number', () => {
    const [first, second, third] = insertQueries(connection, [file('a'), file('b'), file('c')]);
    expect(listQueries(connection).map(({ id }) => id)).toEqual([third, second, first]);
    expect(readQueries(connection, []).map(({ id }) => id)).toEqual([first, second, third]);
    expect(readQueries(connection, [third!, first!]).map(({ name }) => name)).toEqual(['c', 'a']);
    expect(() => readQueries(connection, [99 as QueryId])).toThrow(
      expect.objectContaining({ code: 'query-not-found' }),
    );
  });

  it('that a run makes again keep their numbers and get the new file', () => {
    const before = insertQueries(connection, [generated(0, 'a'), generated(1, 'b')]);
    expect(insertQueries(connection, [generated(1, 'c')])).toEqual([before[1]]);
    expect(readQueries(connection, [])).toMatchObject([
      { id: before[0], sha256: 'a', generation: { seed: 3, image: 0 } },
      { id: before[1], sha256: 'c', file: 'queries/c.png' },
    ]);
  });

  it('that go name the files that nothing needs any more', () => {
    const [first, second, third] = insertQueries(connection, [file('a'), file('a'), file('b')]);
    expect(removeQueries(connection, [first!])).toEqual([]);
    expect(removeQueries(connection, [second!, third!])).toEqual(['queries/a.png', 'queries/b.png']);
  });
});

describe('the training images behind a query', () => {
  let queries: QueryId[];
  beforeEach(() => {
    queries = insertQueries(connection, [file('a'), file('b')]);
  });

  const influence = (place: number, score: number) => ({ sampleId: fixture.sampleIds[place]!, score });

  function attribute({ runId, modelId }: typeof model, covered: readonly QueryId[], score = 1): void {
    const choices = DiffusionChoices.parse({ method: 'das' });
    const id = insertQueryAttribution(connection, {
      ...{ runId, modelId, choices, damping: 0.5, relativeDamping: 0.1 },
    });
    const proponents = [influence(2, 3 * score), influence(1, score)];
    saveQueryInfluences(
      connection,
      id,
      covered.map((queryId) => ({ queryId, proponents, opponents: [influence(4, -score)] })),
    );
  }

  it('are those of the run that is asked for where it covers the query, else of the newest', () => {
    const [older, newer] = [model, insertModel(fixture)];
    attribute(older, queries, 1);
    attribute(newer, [queries[0]!], 10);
    const newest = findQueryInfluences(connection, queries[0]!, null)!;
    expect(newest.proponents).toEqual([influence(2, 30), influence(1, 10)]);
    expect(newest.opponents).toEqual([influence(4, -10)]);
    expect(newest.attributions.map(({ runId }) => runId)).toEqual([newer.runId, older.runId]);
    expect(newest.found).toMatchObject({ runId: newer.runId, choices: { method: 'das' }, cost: null });
    expect(findQueryInfluences(connection, queries[0]!, older.runId)!.proponents[0]).toEqual(influence(2, 3));
    expect(findQueryInfluences(connection, queries[1]!, newer.runId)!.found.runId).toBe(older.runId);
  });

  it('are unknown before a run has finished', () => {
    expect(findQueryInfluences(connection, queries[0]!, null)).toBeNull();
    attribute(model, queries);
    connection.prepare("UPDATE runs SET status = 'running'").run();
    expect(findQueryInfluences(connection, queries[0]!, null)).toBeNull();
  });

  it('by a run that was done again are what it found last, with its cost', () => {
    attribute(model, queries, 1);
    attribute(model, queries, 2);
    const id = connection.prepare('SELECT id FROM queryAttributions').pluck().get() as number;
    const cost = { trainSeconds: 0, cacheSeconds: 1, serveSeconds: 2, modelBytes: 3, featureBytes: 4 };
    saveQueryAttributionCost(connection, id, cost);
    const { found, proponents, attributions } = findQueryInfluences(connection, queries[0]!, null)!;
    expect(attributions).toHaveLength(1);
    expect(found.cost).toEqual(cost);
    expect(proponents[0]).toEqual(influence(2, 6));
  });

  it('go with the query', () => {
    attribute(model, queries);
    removeQueries(connection, [queries[0]!]);
    expect(connection.prepare('SELECT DISTINCT queryId FROM queryInfluences').pluck().all()).toEqual([
      queries[1],
    ]);
  });
});
