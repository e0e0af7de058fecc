/** @file What decisions and tags made of the images between two places of the event log. */
import type { Difference } from '../../contract/history-service.ts';
import type { ClassId, DecisionAction, SampleId, TagId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { standingEvents } from './replay-events.ts';

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
  const tags = tagChanges(connection, before, after, moved, changed);
  const exclusions = exclusionChanges(connection, before, after, moved, changed);
  return {
    changed: changed.size,
    sampleIds: [...changed].sort((a, b) => a - b).slice(0, NAMED_IMAGES),
    labels: [...labels.values()].sort((a, b) => b.sampleIds.length - a.sampleIds.length),
    classes: classCounts(connection, to, after, [...labels.values()]),
    tags,
    ...exclusions,
  };
}

/** Events that stand at one place alone. */
function between(before: readonly number[], after: readonly number[]): number[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [...before.filter((id) => !now.has(id)), ...after.filter((id) => !old.has(id))];
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

/** Adds the images whose tags differ to `changed`. */
function tagChanges(
  connection: Connection,
  before: readonly number[],
  after: readonly number[],
  moved: readonly number[],
  changed: Set<SampleId>,
): Difference['tags'] {
  const [was, is] = [before, after].map((standing) => tagsOf(connection, standing, moved));
  const found = new Map<TagId, { tagId: TagId; given: number; taken: number }>();
  for (const key of new Set([...was!.keys(), ...is!.keys()])) {
    const [had, has] = [was!.get(key) ?? false, is!.get(key) ?? false];
    if (had === has) continue;
    const [tagId, sampleId] = key.split(' ').map(Number) as [TagId, SampleId];
    changed.add(sampleId);
    const counts = found.get(tagId) ?? { tagId, given: 0, taken: 0 };
    found.set(tagId, counts);
    if (has) counts.given++;
    else counts.taken++;
  }
  return [...found.values()].sort((a, b) => b.given + b.taken - a.given - a.taken);
}

/** Adds the images that differ to `changed`. */
function exclusionChanges(
  connection: Connection,
  before: readonly number[],
  after: readonly number[],
  moved: readonly number[],
  changed: Set<SampleId>,
): Pick<Difference, 'excluded' | 'included'> {
  const select = connection.prepare(
    `SELECT e.sampleId, max(e.eventId) AS eventId, e.excludedAfter AS excluded
     FROM (SELECT DISTINCT sampleId FROM eventExclusions WHERE eventId IN (SELECT value FROM json_each(@moved))) about
     JOIN eventExclusions e USING (sampleId)
     WHERE e.eventId IN (SELECT value FROM json_each(@standing))
     GROUP BY e.sampleId`,
  );
  const excludedAt = (standing: readonly number[]): Set<SampleId> => {
    const rows = select.all({ moved: JSON.stringify(moved), standing: JSON.stringify(standing) });
    const excluded = (rows as { sampleId: SampleId; excluded: 0 | 1 }[]).filter((row) => row.excluded === 1);
    return new Set(excluded.map(({ sampleId }) => sampleId));
  };
  const [was, is] = [excludedAt(before), excludedAt(after)];
  const excluded = [...is].filter((id) => !was.has(id));
  const included = [...was].filter((id) => !is.has(id));
  for (const id of [...excluded, ...included]) changed.add(id);
  return { excluded: excluded.length, included: included.length };
}

/** 'tag image' → whether it has it, of those that moved events are about. */
function tagsOf(
  connection: Connection,
  standing: readonly number[],
  moved: readonly number[],
): Map<string, boolean> {
  const rows = connection
    .prepare(
      `SELECT e.tagId, e.sampleId, max(e.eventId) AS eventId, e.added
       FROM (SELECT DISTINCT tagId, sampleId FROM eventTags WHERE eventId IN (SELECT value FROM json_each(@moved))) about
       JOIN eventTags e USING (tagId, sampleId)
       WHERE e.eventId IN (SELECT value FROM json_each(@standing))
       GROUP BY e.tagId, e.sampleId`,
    )
    .all({ moved: JSON.stringify(moved), standing: JSON.stringify(standing) }) as {
    tagId: TagId;
    sampleId: SampleId;
    added: 0 | 1;
  }[];
  return new Map(rows.map(({ tagId, sampleId, added }) => [`${tagId} ${sampleId}`, added === 1]));
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
