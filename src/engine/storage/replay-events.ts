/** @file Plays the event log from the beginning: what the stored labels must equal, and can be made from again. */
import type { ClassId, DecisionAction, SampleId, TagId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';
import type { UndoableKind } from './event-log.ts';
import { applyResolutions } from './issue-resolutions.ts';

/** One image's part of the projection. */
export interface SampleState {
  readonly label: ClassId | null;
  readonly decision: DecisionAction | null;
  readonly decisionEventId: number | null;
}

interface LoggedStep {
  readonly id: number;
  readonly kind: UndoableKind | 'undo' | 'redo';
}

/**
 * The decisions and tags that stand after event `until` (null: after all), oldest first, found with two plain stacks and nothing but the order of events. They
 * rise: what is restored goes where it was.
 */
export function standingEvents(connection: Connection, until: number | null = null): number[] {
  const steps = connection
    .prepare(
      `SELECT id, kind FROM events WHERE kind IN ('decide', 'tag', 'undo', 'redo') AND (@until IS NULL OR id <= @until)
       ORDER BY id`,
    )
    .all({ until }) as LoggedStep[];
  const standing: number[] = [];
  let undone: number[] = [];
  for (const step of steps) {
    if (step.kind !== 'undo' && step.kind !== 'redo') {
      standing.push(step.id);
      undone = [];
    } else if (step.kind === 'undo') {
      undone.push(standing.pop()!);
    } else {
      standing.push(undone.pop()!);
    }
  }
  return standing;
}

/** The events that stand at one place alone: those that are gone by the second, and those that have come. */
export function movedEvents(
  before: readonly number[],
  after: readonly number[],
): { gone: number[]; come: number[] } {
  const [old, now] = [new Set(before), new Set(after)];
  return { gone: before.filter((id) => !now.has(id)), come: after.filter((id) => !old.has(id)) };
}

/** Every image's state as the log alone gives it: its given label, and over it the last standing decision. */
export function replayEvents(connection: Connection): Map<SampleId, SampleState> {
  const states = new Map<SampleId, SampleState>();
  const given = connection.prepare('SELECT id, givenLabel FROM samples ORDER BY id').raw().all();
  for (const [id, label] of given as [SampleId, ClassId | null][]) {
    states.set(id, { label, decision: null, decisionEventId: null });
  }
  const select = connection
    .prepare('SELECT sampleId, labelAfter, decisionAfter FROM eventSamples WHERE eventId = ?')
    .raw();
  for (const decisionEventId of standingEvents(connection)) {
    const rows = select.all(decisionEventId) as [SampleId, ClassId | null, DecisionAction][];
    for (const [sampleId, label, decision] of rows)
      states.set(sampleId, { label, decision, decisionEventId });
  }
  return states;
}

/** The images of each tag as the log alone gives them. */
export function replayTags(connection: Connection): Map<TagId, Set<SampleId>> {
  const tagged = new Map<TagId, Set<SampleId>>();
  const select = connection.prepare('SELECT tagId, sampleId, added FROM eventTags WHERE eventId = ?').raw();
  for (const eventId of standingEvents(connection))
    for (const [tagId, sampleId, added] of select.all(eventId) as [TagId, SampleId, 0 | 1][]) {
      const images = tagged.get(tagId) ?? new Set();
      tagged.set(tagId, images);
      if (added === 1) images.add(sampleId);
      else images.delete(sampleId);
    }
  return tagged;
}

/** Writes the labels, tags, exclusions and states of issues that the log gives over the stored ones. */
export function rebuildProjection(connection: Connection): void {
  transact(connection, () => {
    const update = connection.prepare(
      'UPDATE samples SET label = @label, decision = @decision, decisionEventId = @decisionEventId WHERE id = @id',
    );
    for (const [id, state] of replayEvents(connection)) update.run({ id, ...state });
    connection.exec('DELETE FROM sampleTags');
    const insert = connection.prepare('INSERT INTO sampleTags (tagId, sampleId) VALUES (?, ?)');
    for (const [tagId, images] of replayTags(connection)) for (const id of images) insert.run(tagId, id);
    connection.exec('DELETE FROM issueResolutions; DELETE FROM exclusions');
    for (const eventId of standingEvents(connection)) applyResolutions(connection, eventId);
  });
}
