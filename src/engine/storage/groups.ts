/** @file The tables `groups`, `groupMembers` and `groupAttributions`: groups of training images, and how much queries depend on each. */
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { AttributionCost } from '../../contract/attribution-choices.ts';
import { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import {
  GroupAttribution,
  type Group,
  type GroupAttributionEntry,
  type GroupKind,
  type GroupOverlap,
} from '../../contract/groups-service.ts';
import type { GroupId, ModelId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';
import { attributedGroups, groupsChangedSince } from './group-changes.ts';

/** Members that stand for a group. */
const EXAMPLES = 6;

export interface NewGroup {
  readonly name: string;
  readonly kind: GroupKind;
  /** For a person; with the kind it tells the group from others. */
  readonly definition: string;
  readonly members: readonly SampleId[];
}

/** A group that is there already under its kind and definition is left as it is. */
export function insertGroup(connection: Connection, { name, kind, definition, members }: NewGroup): GroupId {
  return transact(connection, () => {
    const there = connection
      .prepare('SELECT id FROM groups WHERE kind = ? AND definition = ?')
      .pluck()
      .get(kind, definition) as GroupId | undefined;
    if (there !== undefined) return there;
    const { lastInsertRowid } = connection
      .prepare(
        // A number that the log names still stands for the group that had it.
        `INSERT INTO groups (id, name, kind, definition, createdAt)
         SELECT 1 + max(coalesce((SELECT max(id) FROM groups), 0), coalesce((SELECT max(groupId) FROM eventGroups), 0)),
                ?, ?, ?, ?`,
      )
      .run(name, kind, definition, new Date().toISOString());
    const insert = connection.prepare('INSERT INTO groupMembers (groupId, sampleId) VALUES (?, ?)');
    for (const sampleId of new Set(members)) insert.run(lastInsertRowid, sampleId);
    return Number(lastInsertRowid) as GroupId;
  });
}

type GroupRow = Omit<Group, 'examples' | 'attributed'>;

const COLUMNS = `g.*, (SELECT count(*) FROM groupMembers m WHERE m.groupId = g.id) AS memberCount,
  (SELECT count(*) FROM groupMembers m JOIN samples s ON s.id = m.sampleId WHERE m.groupId = g.id AND s.missing = 1) AS missingCount`;

/** In the order of their making. */
export function listGroups(connection: Connection): Group[] {
  const rows = connection.prepare(`SELECT ${COLUMNS} FROM groups g ORDER BY g.id`).all() as GroupRow[];
  const examples = connection
    .prepare('SELECT sampleId FROM groupMembers WHERE groupId = ? ORDER BY sampleId LIMIT ?')
    .pluck();
  const attributed = attributedGroups(connection);
  return rows.map((row) => ({
    ...row,
    attributed: attributed.has(row.id),
    examples: examples.all(row.id, EXAMPLES) as SampleId[],
  }));
}

export function countGroups(connection: Connection): number {
  return connection.prepare('SELECT count(*) FROM groups').pluck().get() as number;
}

export function readGroup(connection: Connection, id: GroupId): GroupRow {
  const row = connection.prepare(`SELECT ${COLUMNS} FROM groups g WHERE g.id = ?`).get(id) as
    GroupRow | undefined;
  if (row === undefined) throw new AppError('group-not-found', { groupId: id });
  return row;
}

export function groupExists(connection: Connection, id: GroupId): boolean {
  return connection.prepare('SELECT 1 FROM groups WHERE id = ?').get(id) !== undefined;
}

/** By id. */
export function listGroupMembers(connection: Connection, id: GroupId): SampleId[] {
  readGroup(connection, id);
  return connection
    .prepare('SELECT sampleId FROM groupMembers WHERE groupId = ? ORDER BY sampleId')
    .pluck()
    .all(id) as SampleId[];
}

/** Pairs that share images. */
export function listOverlaps(connection: Connection): GroupOverlap[] {
  return connection
    .prepare(
      `SELECT a.groupId AS first, b.groupId AS second, count(*) AS shared
       FROM groupMembers a JOIN groupMembers b ON b.sampleId = a.sampleId AND b.groupId > a.groupId
       GROUP BY a.groupId, b.groupId ORDER BY a.groupId, b.groupId`,
    )
    .all() as GroupOverlap[];
}

export function renameGroup(connection: Connection, id: GroupId, name: string): void {
  readGroup(connection, id);
  connection.prepare('UPDATE groups SET name = ? WHERE id = ?').run(name, id);
}

export function removeGroups(connection: Connection, ids: readonly GroupId[]): void {
  const remove = connection.prepare('DELETE FROM groups WHERE id = ?');
  transact(connection, () => {
    for (const id of ids) {
      readGroup(connection, id);
      remove.run(id);
    }
  });
}

/** What was found, as it is kept. */
const Result = GroupAttribution.pick({ groups: true, queries: true, controls: true, overlaps: true });
export type GroupResult = z.input<typeof Result>;

export function saveGroupAttribution(
  connection: Connection,
  attribution: {
    readonly runId: RunId;
    readonly modelId: ModelId;
    readonly choices: AttributeGroupsConfig;
    readonly result: GroupResult;
    readonly cost: AttributionCost;
  },
): void {
  const { runId, modelId, choices, result, cost } = attribution;
  connection
    .prepare(
      `INSERT OR REPLACE INTO groupAttributions (runId, modelId, choices, result, cost, createdAt)
       VALUES (@runId, @modelId, @choices, @result, @cost, @createdAt)`,
    )
    .run({
      ...{ runId, modelId },
      choices: JSON.stringify(AttributeGroupsConfig.parse(choices)),
      result: JSON.stringify(result),
      cost: JSON.stringify(cost),
      createdAt: new Date().toISOString(),
    });
}

interface AttributionRow {
  readonly runId: RunId;
  readonly modelId: ModelId;
  readonly choices: string;
  readonly result: string;
  readonly cost: string;
  readonly createdAt: string;
}

const FINISHED = `SELECT a.* FROM groupAttributions a JOIN runs r ON r.id = a.runId
                  WHERE r.status = 'finished' AND a.result IS NOT NULL`;

/** Newest first. */
export function listGroupAttributions(connection: Connection): GroupAttributionEntry[] {
  const rows = connection.prepare(`${FINISHED} ORDER BY a.id DESC`).all() as AttributionRow[];
  return rows.map((row) => {
    const { groups, queries, ...entry } = toAttribution(row);
    return {
      ...{ runId: entry.runId, modelId: entry.modelId, choices: entry.choices },
      ...{
        groupCount: groups.length,
        queryCount: queries.length,
        cost: entry.cost,
        createdAt: entry.createdAt,
      },
    };
  });
}

export function readGroupAttribution(connection: Connection, runId: RunId): GroupAttribution {
  const row = connection.prepare(`${FINISHED} AND a.runId = ?`).get(runId) as AttributionRow | undefined;
  if (row === undefined) throw new AppError('run-not-found', { runId });
  const attribution = toAttribution(row);
  const changed = groupsChangedSince(connection, startOf(connection, runId));
  const groups = attribution.groups.map((group) => ({ ...group, changed: changed.has(group.groupId) }));
  return { ...attribution, groups };
}

/** Whether groups still hold the images that a run read. */
export function holdTheSameImages(
  connection: Connection,
  runId: RunId,
  groupIds: readonly GroupId[],
): boolean {
  const changed = groupsChangedSince(connection, startOf(connection, runId));
  return groupIds.every((groupId) => groupExists(connection, groupId) && !changed.has(groupId));
}

/** When a run began to read what it is about. */
function startOf(connection: Connection, runId: RunId): string {
  return connection
    .prepare('SELECT coalesce(startedAt, createdAt) FROM runs WHERE id = ?')
    .pluck()
    .get(runId) as string;
}

function toAttribution({ choices, result, cost, ...row }: AttributionRow): GroupAttribution {
  const found = Result.parse(JSON.parse(result));
  return {
    ...row,
    ...found,
    choices: AttributeGroupsConfig.parse(JSON.parse(choices)),
    groupCount: found.groups.length,
    queryCount: found.queries.length,
    cost: AttributionCost.parse(JSON.parse(cost)),
  };
}
