import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import type { GroupId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { comparePlaces } from './compare-places.ts';
import { lastEventId } from './event-log.ts';
import { readUndoState, redo, undo } from './events.ts';
import { changeGroup, groupsHolding } from './group-changes.ts';
import {
  insertGroup,
  listGroupMembers,
  listGroups,
  readGroupAttribution,
  removeGroups,
  saveGroupAttribution,
} from './groups.ts';
import { eventsInOrder } from './logged-events.ts';

let fixture: ProjectFixture;
let connection: Connection;
let group: GroupId;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 12 });
  ({ connection } = fixture.folder);
  connection.exec("UPDATE samples SET split = 'train'");
  group = insert('monet', 0, 3);
});
afterEach(() => fixture.remove());

function insert(name: string, from: number, to: number): GroupId {
  const members = fixture.sampleIds.slice(from, to);
  return insertGroup(connection, { name, kind: 'selection', definition: name, members });
}

const change = (places: readonly number[], added: boolean, groupId = group) =>
  changeGroup(
    connection,
    { groupId, sampleIds: places.map((place) => fixture.sampleIds[place]!), added },
    'Ada',
  );
const members = (): number[] =>
  listGroupMembers(connection, group).map((id) => fixture.sampleIds.indexOf(id));

describe('changeGroup', () => {
  it('adds images and takes them out as events that are undone and restored', () => {
    expect(change([2, 3, 4], true)).toHaveLength(2);
    expect(change([0, 9], false)).toHaveLength(1);
    expect(members()).toEqual([1, 2, 3, 4]);
    expect(readUndoState(connection).undoText).toBe(
      `Took image ${fixture.sampleIds[0]!} out of the group monet`,
    );
    undo(connection, 'Ada');
    undo(connection, 'Ada');
    expect(members()).toEqual([0, 1, 2]);
    redo(connection, 'Ada');
    expect(members()).toEqual([0, 1, 2, 3, 4]);
  });

  it('leaves out what no model learns from, and writes no event where nothing changes', () => {
    connection.prepare("UPDATE samples SET split = 'test' WHERE id = ?").run(fixture.sampleIds[5]!);
    const before = lastEventId(connection);
    expect(change([0, 5], true)).toEqual([]);
    expect(lastEventId(connection)).toBe(before);
  });

  it('refuses to take the last image, and a group that is not there', () => {
    expect(() => change([0, 1, 2], false)).toThrow(
      expect.objectContaining({ code: 'group-emptied' }) as Error,
    );
    expect(members()).toEqual([0, 1, 2]);
    expect(() => change([4], true, 99 as GroupId)).toThrow(
      expect.objectContaining({ code: 'group-not-found' }) as Error,
    );
  });

  it('is told by the log and by differences, also where the group is gone', () => {
    change([3, 4], true);
    const place = lastEventId(connection);
    change([0], false);
    expect(comparePlaces(connection, 0, null)).toMatchObject({
      changed: 3,
      groups: [{ groupId: group, added: 2, taken: 1 }],
    });
    expect(comparePlaces(connection, null, place)).toMatchObject({
      groups: [{ groupId: group, added: 1, taken: 0 }],
    });
    removeGroups(connection, [group]);
    expect([...eventsInOrder(connection)].at(-1)).toMatchObject({ grouped: [{ group: null, added: false }] });
    undo(connection, 'Ada');
    expect(listGroups(connection)).toEqual([]);
  });

  it('never happens to another group that came later', () => {
    change([3], true);
    removeGroups(connection, [group]);
    const later = insert('later', 8, 10);
    expect(later).toBeGreaterThan(group);
    undo(connection, 'Ada');
    expect(listGroupMembers(connection, later)).toHaveLength(2);
  });
});

describe('groupsHolding', () => {
  it('counts the images in each group', () => {
    const other = insert('other', 2, 6);
    const ids = fixture.sampleIds.slice(1, 4);
    expect(groupsHolding(connection, ids)).toEqual([
      { groupId: group, count: 2 },
      { groupId: other, count: 2 },
    ]);
  });
});

describe('an attribution', () => {
  it('stays as it was, and says which of its groups have other images now', () => {
    const untouched = insert('untouched', 6, 8);
    const { runId, modelId } = insertModel(fixture);
    connection.prepare("UPDATE runs SET startedAt = '2000-01-01T00:00:00.000Z' WHERE id = ?").run(runId);
    saveGroupAttribution(connection, {
      ...{ runId, modelId, choices: AttributeGroupsConfig.parse({}) },
      cost: { trainSeconds: 1, cacheSeconds: 0, serveSeconds: 2, modelBytes: 0, featureBytes: 0 },
      result: {
        groups: [
          { groupId: group, name: 'monet', size: 3 },
          { groupId: untouched, name: 'untouched', size: 2 },
        ],
        ...{ queries: [], controls: [], overlaps: [] },
      },
    });
    const changed = (): boolean[] =>
      readGroupAttribution(connection, runId).groups.map((each) => each.changed);
    expect(listGroups(connection).map(({ attributed }) => attributed)).toEqual([true, true]);
    expect(changed()).toEqual([false, false]);
    change([5], true);
    expect(changed()).toEqual([true, false]);
    change([5], false);
    expect(changed()).toEqual([false, false]);
    undo(connection, 'Ada');
    expect(changed()).toEqual([true, false]);
  });
});
