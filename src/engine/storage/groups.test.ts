import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import type { GroupId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import {
  insertGroup,
  listGroupAttributions,
  listGroupMembers,
  listGroups,
  listOverlaps,
  readGroup,
  readGroupAttribution,
  removeGroups,
  renameGroup,
  saveGroupAttribution,
} from './groups.ts';

let fixture: ProjectFixture;
let connection: Connection;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 12 });
  ({ connection } = fixture.folder);
});
afterEach(() => fixture.remove());

function insert(name: string, from: number, to: number): GroupId {
  const members = fixture.sampleIds.slice(from, to);
  return insertGroup(connection, { name, kind: 'selection', definition: name, members });
}

describe('groups', () => {
  it('are listed in the order of their making, each with its size and a few of its images', () => {
    const [first, second] = [insert('first', 0, 8), insert('second', 10, 12)];
    expect(listGroups(connection)).toMatchObject([
      { id: first, name: 'first', memberCount: 8, examples: fixture.sampleIds.slice(0, 6) },
      { id: second, name: 'second', memberCount: 2, examples: fixture.sampleIds.slice(10) },
    ]);
    expect(listGroupMembers(connection, first)).toEqual(fixture.sampleIds.slice(0, 8));
  });

  it('of one kind and definition are one; what is there stays as it is', () => {
    const first = insert('first', 0, 8);
    expect(insert('first', 2, 3)).toBe(first);
    expect(readGroup(connection, first).memberCount).toBe(8);
    const members = fixture.sampleIds.slice(0, 1);
    const other = insertGroup(connection, { name: 'first', kind: 'class', definition: 'first', members });
    expect(other).not.toBe(first);
  });

  it('tell which of them share images, and how many', () => {
    const [first, second, third] = [insert('first', 0, 6), insert('second', 4, 9), insert('third', 6, 8)];
    expect(listOverlaps(connection)).toEqual([
      { first, second, shared: 2 },
      { first: second, second: third, shared: 2 },
    ]);
  });

  it('are renamed and removed; removing one takes its members along, and no image', () => {
    const [first, second] = [insert('first', 0, 6), insert('second', 4, 9)];
    renameGroup(connection, first, 'renamed');
    expect(readGroup(connection, first)).toMatchObject({ name: 'renamed', definition: 'first' });
    removeGroups(connection, [first]);
    expect(listGroups(connection).map(({ id }) => id)).toEqual([second]);
    expect(listOverlaps(connection)).toEqual([]);
    expect(connection.prepare('SELECT count(*) FROM groupMembers').pluck().get()).toBe(5);
    expect(connection.prepare('SELECT count(*) FROM samples').pluck().get()).toBe(12);
  });

  it('that are not there are named', () => {
    const first = insert('first', 0, 6);
    const unknown = 99 as GroupId;
    const refusal = expect.objectContaining({ code: 'group-not-found', details: { groupId: 99 } }) as Error;
    expect(() => renameGroup(connection, unknown, 'x')).toThrow(refusal);
    expect(() => listGroupMembers(connection, unknown)).toThrow(refusal);
    expect(() => removeGroups(connection, [first, unknown])).toThrow(refusal);
    expect(listGroups(connection)).toHaveLength(1);
  });
});

describe('what was found of groups', () => {
  const cost = { trainSeconds: 1, cacheSeconds: 0, serveSeconds: 2, modelBytes: 0, featureBytes: 0 };

  function save({ runId, modelId }: ReturnType<typeof insertModel>, name: string): void {
    saveGroupAttribution(connection, {
      ...{ runId, modelId, choices: AttributeGroupsConfig.parse({ method: 'logo' }), cost },
      result: { groups: [{ groupId: 1, name, size: 3 }], queries: [], controls: [], overlaps: [] },
    });
  }

  it('is listed newest first, and read with the names of then', () => {
    const [older, newer] = [insertModel(fixture), insertModel(fixture)];
    save(older, 'first');
    save(newer, 'second');
    expect(listGroupAttributions(connection)).toMatchObject([
      { runId: newer.runId, groupCount: 1, queryCount: 0, cost, choices: { method: 'logo' } },
      { runId: older.runId },
    ]);
    expect(readGroupAttribution(connection, older.runId).groups).toEqual([
      { groupId: 1, name: 'first', size: 3, changed: false },
    ]);
  });

  it('by a run that was done again is what it found last', () => {
    const model = insertModel(fixture);
    save(model, 'first');
    save(model, 'again');
    expect(listGroupAttributions(connection)).toHaveLength(1);
    expect(readGroupAttribution(connection, model.runId).groups[0]!.name).toBe('again');
  });

  it('counts once its run has finished', () => {
    const model = insertModel(fixture);
    save(model, 'first');
    connection.prepare("UPDATE runs SET status = 'interrupted' WHERE id = ?").run(model.runId);
    expect(listGroupAttributions(connection)).toEqual([]);
    expect(() => readGroupAttribution(connection, model.runId)).toThrow(
      expect.objectContaining({ code: 'run-not-found' }),
    );
  });
});
