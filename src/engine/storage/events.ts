/** @file Decisions about labels and what undoes them: events of the log (`event-log.ts`), and the labels that follow from it. */
import { AppError } from '../../core/base/app-error.ts';
import type { UndoState } from '../../contract/labels-service.ts';
import type { ClassId, DecisionAction, SampleId } from '../../contract/vocabulary.ts';
import { classNameOf, ensureClass } from './classes.ts';
import { transact, type Connection } from './connection.ts';
import {
  appendEvent,
  appendUndoable,
  belowUndone,
  readEvent,
  readHeads,
  type StackPayload,
} from './event-log.ts';
import { applyGroupChanges, revertGroupChanges } from './group-changes.ts';
import { applyResolutions, revertResolutions } from './issue-resolutions.ts';
import { findIssue, newestIssueRun } from './issues.ts';
import { standingEvents } from './replay-events.ts';
import { refuseUnknownSamples } from './samples.ts';
import { applyTags, revertTags } from './tags.ts';

export interface LabelDecision {
  readonly sampleIds: readonly SampleId[];
  readonly action: DecisionAction;
  readonly label?: ClassId | null;
}

export interface StepResult extends UndoState {
  readonly text: string;
  readonly sampleIds: SampleId[];
}

/**
 * Records one decision about many images and applies it, all or nothing.
 * keep: the label as imported stands (again) · accept: the label becomes the suggested one (each image's own where none is
 * named) · other: it becomes the chosen one · skip: it stays what it is.
 */
export function decide(connection: Connection, decision: LabelDecision, reviewer: string): UndoState {
  return transact(connection, () => {
    const sampleIds = [...new Set(decision.sampleIds)];
    refuseUnknownSamples(connection, sampleIds);
    const label = resultingLabel(connection, decision.action, decision.label ?? null, sampleIds);
    const eventId = appendUndoable(connection, {
      kind: 'decide',
      reviewer,
      text: describeDecision(connection, decision.action, label, sampleIds),
      payload: { action: decision.action, label },
    });
    recordSamples(connection, { eventId, action: decision.action, label, sampleIds });
    applyEvent(connection, eventId);
    return readUndoState(connection);
  });
}

/** Takes back the last decision or tag that stands, exactly. */
export function undo(connection: Connection, reviewer: string): StepResult {
  return transact(connection, () => {
    const heads = readHeads(connection);
    if (heads.undo === null) throw new AppError('nothing-to-undo');
    const { text, payload } = readEvent(connection, heads.undo);
    appendEvent(connection, {
      kind: 'undo',
      reviewer,
      text: `Undid: ${text}`,
      target: heads.undo,
      payload: { undo: payload.below, redo: heads.undo, below: heads.redo } satisfies StackPayload,
    });
    revertEvent(connection, heads.undo);
    return stepResult(connection, heads.undo, `Undid: ${text}`);
  });
}

/**
 * Takes back every decision and tag after this one, newest first, so that it is the last that stands; 0: all of them. Each is an undo of its own, which can be
 * restored. Throws `event-not-standing`.
 */
export function undoTo(connection: Connection, eventId: number, reviewer: string): StepResult {
  return transact(connection, () => {
    if (eventId !== 0 && !standingEvents(connection).includes(eventId))
      throw new AppError('event-not-standing', { eventId });
    const touched = new Set<SampleId>();
    let steps = 0;
    while ((readHeads(connection).undo ?? 0) !== eventId) {
      for (const id of undo(connection, reviewer).sampleIds) touched.add(id);
      steps++;
    }
    return {
      ...readUndoState(connection),
      text: `Undid ${steps} ${steps === 1 ? 'step' : 'steps'}`,
      sampleIds: [...touched],
    };
  });
}

/** Restores what was undone last, unless something else was done since. */
export function redo(connection: Connection, reviewer: string): StepResult {
  return transact(connection, () => {
    const heads = readHeads(connection);
    if (heads.redo === null) throw new AppError('nothing-to-redo');
    const { text } = readEvent(connection, heads.redo);
    appendEvent(connection, {
      kind: 'redo',
      reviewer,
      text: `Redid: ${text}`,
      target: heads.redo,
      payload: {
        undo: heads.redo,
        redo: belowUndone(connection, heads.redo),
        below: null,
      } satisfies StackPayload,
    });
    applyEvent(connection, heads.redo);
    return stepResult(connection, heads.redo, `Redid: ${text}`);
  });
}

export function readUndoState(connection: Connection): UndoState {
  const heads = readHeads(connection);
  const textOf = (id: number | null): string | null => (id === null ? null : readEvent(connection, id).text);
  return { undoText: textOf(heads.undo), redoText: textOf(heads.redo) };
}

/** Adds a class by hand; answers the existing one where the name is taken. */
export function addClass(connection: Connection, name: string, reviewer: string): ClassId {
  return transact(connection, () => {
    const before = lastClassId(connection);
    const id = ensureClass(connection, name);
    if (id > before) {
      appendEvent(connection, {
        kind: 'add-class',
        reviewer,
        text: `Added the class ${classNameOf(connection, id)}`,
        payload: { classId: id },
      });
    }
    return id;
  });
}

/** Notes in the log that a source was imported. */
export function recordImport(
  connection: Connection,
  event: { readonly text: string; readonly reviewer: string; readonly payload: object },
): void {
  appendEvent(connection, { kind: 'import', ...event });
}

function stepResult(connection: Connection, eventId: number, text: string): StepResult {
  const ids = connection.prepare('SELECT sampleId FROM eventImages WHERE eventId = ?').pluck().all(eventId);
  return { ...readUndoState(connection), text, sampleIds: ids as SampleId[] };
}

/** Puts what an event resulted in onto its images. */
function applyEvent(connection: Connection, eventId: number): void {
  applyTags(connection, eventId);
  applyGroupChanges(connection, eventId);
  applyResolutions(connection, eventId);
  connection
    .prepare(
      `UPDATE samples SET label = e.labelAfter, decision = e.decisionAfter, decisionEventId = e.eventId
       FROM eventSamples e WHERE e.eventId = ? AND e.sampleId = samples.id`,
    )
    .run(eventId);
}

/**
 * Puts what was before an event back onto its images. An image without a decision carries its given label: that is what
 * it had before, unless it was imported again with another one, which then holds.
 */
function revertEvent(connection: Connection, eventId: number): void {
  revertTags(connection, eventId);
  revertGroupChanges(connection, eventId);
  revertResolutions(connection, eventId);
  connection
    .prepare(
      `UPDATE samples SET label = iif(e.decisionEventBefore IS NULL, givenLabel, e.labelBefore),
              decision = e.decisionBefore, decisionEventId = e.decisionEventBefore
       FROM eventSamples e WHERE e.eventId = ? AND e.sampleId = samples.id`,
    )
    .run(eventId);
}

/** The one label that a decision names; null where each image has its own, or it stays. */
function resultingLabel(
  connection: Connection,
  action: DecisionAction,
  named: ClassId | null,
  sampleIds: readonly SampleId[],
): ClassId | null {
  if (action === 'keep' || action === 'skip') return null;
  if (named !== null || action === 'other' || sampleIds.length > 1) return named;
  return findIssue(connection, sampleIds[0]!)?.suggestedLabel ?? null;
}

/** SQL for each image's label after a decision, over its row `s`. */
const labelAfter: Record<DecisionAction, string> = {
  keep: 's.givenLabel',
  skip: 's.label',
  other: '@label',
  accept: `coalesce(@label,
    (SELECT i.suggestedLabel FROM issues i WHERE i.runId = @runId AND i.sampleId = s.id))`,
};

interface DecisionRecord {
  readonly eventId: number;
  readonly action: DecisionAction;
  readonly label: ClassId | null;
  readonly sampleIds: readonly SampleId[];
}

/** Writes before and after of every image that a decision is about. */
function recordSamples(connection: Connection, decision: DecisionRecord): void {
  connection
    .prepare(
      `INSERT INTO eventSamples (eventId, sampleId, labelBefore, labelAfter, decisionBefore, decisionAfter,
                                 decisionEventBefore)
       SELECT @eventId, s.id, s.label, ${labelAfter[decision.action]}, s.decision, @action, s.decisionEventId
       FROM json_each(@sampleIds) wanted JOIN samples s ON s.id = wanted.value`,
    )
    .run({
      ...decision,
      sampleIds: JSON.stringify(decision.sampleIds),
      runId: newestIssueRun(connection),
    });
  if (decision.action === 'keep' || decision.action === 'skip') return;
  const unlabelled = connection
    .prepare('SELECT sampleId FROM eventSamples WHERE eventId = ? AND labelAfter IS NULL LIMIT 1')
    .pluck()
    .get(decision.eventId);
  if (unlabelled !== undefined) throw new AppError('label-needed', { sampleId: unlabelled as number });
}

function lastClassId(connection: Connection): number {
  return connection.prepare('SELECT coalesce(max(id), 0) FROM classes').pluck().get() as number;
}

/** For a person: 'Accepted shirt for image 123', 'Changed 3 images to coat'. */
function describeDecision(
  connection: Connection,
  action: DecisionAction,
  label: ClassId | null,
  sampleIds: readonly SampleId[],
): string {
  const single = sampleIds.length === 1;
  const images = single ? `image ${sampleIds[0]!}` : `${sampleIds.length} images`;
  const name = label === null ? null : classNameOf(connection, label);
  switch (action) {
    case 'keep':
      return `Kept ${single ? (givenClassName(connection, sampleIds[0]!) ?? 'no label') : 'the labels'} for ${images}`;
    case 'skip':
      return `Skipped ${images}`;
    case 'accept':
      return `Accepted ${name ?? 'the suggestions'} for ${images}`;
    case 'other':
      return `Changed ${images} to ${name ?? 'no label'}`;
  }
}

function givenClassName(connection: Connection, sampleId: SampleId): string | undefined {
  return connection
    .prepare('SELECT c.name FROM samples s JOIN classes c ON c.id = s.givenLabel WHERE s.id = ?')
    .pluck()
    .get(sampleId) as string | undefined;
}
