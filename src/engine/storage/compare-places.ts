/** @file What decisions and tags made of the images between two places of the event log. */
import type { Difference } from '../../contract/history-service.ts';
import type { ClassId, DecisionAction, GroupId, SampleId, TagId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { movedEvents, standingEvents } from './replay-events.ts';

interface Decided {
  readonly label: ClassId | null;
  readonly decision: DecisionAction | null;
}

/** How many images a difference names. */
const NAMED_IMAGES = 100_000;

/**
 * From one event to another, each included; null: all there are. Only images of events that stand at one place and not at the other are looked at, so
 * that the cost is that of what happened in between.
 */
export function comparePlaces(connection: Connection, from: number | null, to: number | null): Difference {
  const before = standingEvents(connection, from);
  const after = standingEvents(connection, to);
  const moved = between(before, after);
  const ids = decidedIn(connection, moved);
  const [was, is] = [before, after].map((standing) => statesOf(connection, standing, ids));
  const labels = new Map<string, Difference['labels'][number]>();
  const changed = new Set<SampleId>();
  for (const id of ids) {
    const [old, now] = [was!.get(id)!, is!.get(id)!];
    if (old.label !== now.label || old.decision !== now.decision) changed.add(id);
    if (old.label === now.label) continue;
    const key = `${old.label} ${now.label}`;
    const change = labels.get(key) ?? { from: old.label, to: now.label, sampleIds: [] };
    labels.set(key, change);
    change.sampleIds.push(id);
  }
  const turned = (switches: Switches): Turned[] => {
    const found = turnedBetween(connection, switches, { before, after, moved });
    for (const { sampleId } of found) changed.add(sampleId);
    return found;
  };
  const tags = countByOwner(turned(tagSwitches));
  const groups = countByOwner(turned(groupSwitches));
  const exclusions = turned(exclusionSwitches);
  return {
    changed: changed.size,
    sampleIds: [...changed].sort((a, b) => a - b).slice(0, NAMED_IMAGES),
    labels: [...labels.values()].sort((a, b) => b.sampleIds.length - a.sampleIds.length),
    classes: classCounts(connection, to, after, [...labels.values()]),
    tags: tags.map(({ owner, on, off }) => ({ tagId: owner as TagId, given: on, taken: off })),
    groups: groups.map(({ owner, on, off }) => ({ groupId: owner as GroupId, added: on, taken: off })),
    excluded: exclusions.filter(({ isOn }) => isOn).length,
    included: exclusions.filter(({ isOn }) => !isOn).length,
  };
}

/** Events that stand at one place alone. */
function between(before: readonly number[], after: readonly number[]): number[] {
  const { gone, come } = movedEvents(before, after);
  return [...gone, ...come];
}

function decidedIn(connection: Connection, events: readonly number[]): SampleId[] {
  return connection
    .prepare(
      'SELECT DISTINCT sampleId FROM eventSamples WHERE eventId IN (SELECT value FROM json_each(?)) ORDER BY sampleId',
    )
    .pluck()
    .all(JSON.stringify(events)) as SampleId[];
}

/** Of each of these images: its last standing decision, else the label it came with. */
function statesOf(
  connection: Connection,
  standing: readonly number[],
  ids: readonly SampleId[],
): Map<SampleId, Decided> {
  // Of an aggregate with max(), SQLite takes the other columns from the row that has it.
  const rows = connection
    .prepare(
      `SELECT s.id, s.givenLabel, max(e.eventId) AS eventId, e.labelAfter, e.decisionAfter
       FROM json_each(@ids) wanted JOIN samples s ON s.id = wanted.value
       LEFT JOIN eventSamples e ON e.sampleId = s.id AND e.eventId IN (SELECT value FROM json_each(@standing))
       GROUP BY s.id`,
    )
    .all({ ids: JSON.stringify(ids), standing: JSON.stringify(standing) }) as {
    id: SampleId;
    givenLabel: ClassId | null;
    eventId: number | null;
    labelAfter: ClassId | null;
    decisionAfter: DecisionAction | null;
  }[];
  return new Map(
    rows.map(({ id, givenLabel, eventId, labelAfter, decisionAfter }) => [
      id,
      eventId === null
        ? { label: givenLabel, decision: null }
        : { label: labelAfter, decision: decisionAfter },
    ]),
  );
}

/** Something that an image has or has not, switched by events: a table with a row for each event and image, and owner where there are several. */
interface Switches {
  readonly table: string;
  /** Whose it is: the tag, the group; a constant where there is one alone. */
  readonly owner: string;
  /** Whether the image has it before and after the event, 0 or 1. */
  readonly before: string;
  readonly after: string;
}

const tagSwitches: Switches = { table: 'eventTags', owner: 'tagId', before: '1 - added', after: 'added' };
const groupSwitches: Switches = { ...tagSwitches, table: 'eventGroups', owner: 'groupId' };
const exclusionSwitches: Switches = {
  ...{ table: 'eventExclusions', owner: '0' },
  ...{ before: 'excludedBefore', after: 'excludedAfter' },
};

interface Turned {
  readonly owner: number;
  readonly sampleId: SampleId;
  /** At the second place; it was not at the first, or the other way round. */
  readonly isOn: boolean;
}

/**
 * The switches that stand otherwise at the second place. A switch stands as the last event that stands left it; where none does, as the
 * first event of all found it.
 */
function turnedBetween(
  connection: Connection,
  { table, owner, before, after }: Switches,
  places: {
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly moved: readonly number[];
  },
): Turned[] {
  const stands = (standing: string): string =>
    `coalesce((SELECT ${after} FROM events e WHERE e.owner = about.owner AND e.sampleId = about.sampleId
               AND e.eventId IN (SELECT value FROM json_each(${standing})) ORDER BY e.eventId DESC LIMIT 1),
              (SELECT ${before} FROM events e WHERE e.owner = about.owner AND e.sampleId = about.sampleId
               ORDER BY e.eventId LIMIT 1))`;
  const rows = connection
    .prepare(
      `WITH events AS NOT MATERIALIZED (SELECT *, ${owner} AS owner FROM ${table}),
         about AS (SELECT DISTINCT owner, sampleId FROM events WHERE eventId IN (SELECT value FROM json_each(@moved)))
       SELECT owner, sampleId, isOn FROM
         (SELECT owner, sampleId, ${stands('@before')} AS wasOn, ${stands('@after')} AS isOn FROM about)
       WHERE wasOn != isOn`,
    )
    .all({
      before: JSON.stringify(places.before),
      after: JSON.stringify(places.after),
      moved: JSON.stringify(places.moved),
    }) as { owner: number; sampleId: SampleId; isOn: 0 | 1 }[];
  return rows.map((row) => ({ ...row, isOn: row.isOn === 1 }));
}

/** Most changed first. */
function countByOwner(turned: readonly Turned[]): { owner: number; on: number; off: number }[] {
  const counts = [...Map.groupBy(turned, ({ owner }) => owner)].map(([owner, all]) => {
    const on = all.filter(({ isOn }) => isOn).length;
    return { owner, on, off: all.length - on };
  });
  return counts.sort((a, b) => b.on + b.off - a.on - a.off);
}

/** Counts now, taken back to both places by the labels that changed since. */
function classCounts(
  connection: Connection,
  to: number | null,
  after: readonly number[],
  changes: Difference['labels'],
): Difference['classes'] {
  const rows = connection.prepare('SELECT label, count(*) FROM samples GROUP BY label').raw().all();
  const counts = new Map(rows as [ClassId | null, number][]);
  if (to !== null)
    for (const change of labelChanges(connection, after, standingEvents(connection)))
      move(counts, change.to, change.from, change.sampleIds.length);
  const before = new Map(counts);
  for (const { from, to: label, sampleIds } of changes) move(before, label, from, sampleIds.length);
  const classes = [...new Set([...counts.keys(), ...before.keys()])];
  return classes
    .map((classId) => ({
      ...{ classId, before: before.get(classId) ?? 0, after: counts.get(classId) ?? 0 },
    }))
    .filter((entry) => entry.before + entry.after > 0)
    .sort((a, b) => b.before - a.before || Number(a.classId) - Number(b.classId));
}

function labelChanges(
  connection: Connection,
  before: readonly number[],
  after: readonly number[],
): Difference['labels'] {
  const ids = decidedIn(connection, between(before, after));
  const [was, is] = [before, after].map((standing) => statesOf(connection, standing, ids));
  return ids.map((id) => ({ from: was!.get(id)!.label, to: is!.get(id)!.label, sampleIds: [id] }));
}

function move(
  counts: Map<ClassId | null, number>,
  from: ClassId | null,
  to: ClassId | null,
  images: number,
): void {
  counts.set(from, (counts.get(from) ?? 0) - images);
  counts.set(to, (counts.get(to) ?? 0) + images);
}
