/**
 * @file The append-only log of what people did.
 *
 * [Note: Undo heads] Undo and redo are two stacks of undoable events (decisions and tags). No row says what stands on them,
 * because events are never changed; instead every undoable event, undo and redo carries both tops after it, and remembers
 * what lies below: an undoable event what was undoable before it, an undo what was redoable before it. So a step costs the
 * same after a million others, needs no replay after a restart, and can be checked by one (`replay-events.ts`).
 */
import type { Connection } from './connection.ts';

/** Kinds of events that can be taken back. */
export type UndoableKind = 'decide' | 'tag';

/** The tops of the two stacks after an event, and what lies below what it moved. */
export interface StackPayload {
  readonly undo: number | null;
  readonly redo: number | null;
  readonly below: number | null;
}

interface NewEvent {
  /** 'case': a step in a case, which is taken back by a step of its own and stays visible. */
  readonly kind: UndoableKind | 'undo' | 'redo' | 'add-class' | 'import' | 'case';
  readonly reviewer: string;
  readonly text: string;
  readonly target?: number;
  readonly payload: object;
}

/** The newest event's id, 0 where there is none: what labels read now include. */
export function lastEventId(connection: Connection): number {
  return connection.prepare('SELECT coalesce(max(id), 0) FROM events').pluck().get() as number;
}

/** Answers the moment that the event carries. */
export function appendEvent(connection: Connection, event: NewEvent): string {
  const at = new Date().toISOString();
  connection
    .prepare(
      `INSERT INTO events (at, reviewer, kind, targetEventId, text, payload)
       VALUES (@at, @reviewer, @kind, @target, @text, @payload)`,
    )
    .run({
      at,
      reviewer: event.reviewer,
      kind: event.kind,
      target: event.target ?? null,
      text: event.text,
      payload: JSON.stringify(event.payload),
    });
  return at;
}

/** Puts an event on top of what can be undone; within a transaction. Answers its id. */
export function appendUndoable(
  connection: Connection,
  event: {
    readonly kind: UndoableKind;
    readonly reviewer: string;
    readonly text: string;
    readonly payload: object;
  },
): number {
  const { undo: below } = readHeads(connection);
  // The event names itself as the new top: AUTOINCREMENT never gives an id twice, and the write lock is held.
  const id = lastEventId(connection) + 1;
  appendEvent(connection, { ...event, payload: { ...event.payload, undo: id, redo: null, below } });
  return id;
}

export function readHeads(connection: Connection): StackPayload {
  const payload = connection
    .prepare(
      "SELECT payload FROM events WHERE kind IN ('decide', 'tag', 'undo', 'redo') ORDER BY id DESC LIMIT 1",
    )
    .pluck()
    .get();
  if (payload === undefined) return { undo: null, redo: null, below: null };
  return JSON.parse(payload as string) as StackPayload;
}

export function readEvent(connection: Connection, id: number): { text: string; payload: StackPayload } {
  const row = connection.prepare('SELECT text, payload FROM events WHERE id = ?').get(id);
  const { text, payload } = row as { text: string; payload: string };
  return { text, payload: JSON.parse(payload) as StackPayload };
}

/** What lay on the redo stack when this event was put on top of it: its newest undo remembers. */
export function belowUndone(connection: Connection, eventId: number): number | null {
  const payload = connection
    .prepare("SELECT payload FROM events WHERE targetEventId = ? AND kind = 'undo' ORDER BY id DESC LIMIT 1")
    .pluck()
    .get(eventId) as string;
  return (JSON.parse(payload) as StackPayload).below;
}
