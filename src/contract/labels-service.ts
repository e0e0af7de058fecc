/** @file Decisions about labels. Every one is an event in an append-only log; undo and redo walk that log. */
import { z } from 'zod';
import { SampleSet, SomeSamples } from './sample-set.ts';
import { call, service } from './service.ts';
import { ClassEntry, ClassId, DecisionAction, EventId, nothing, SampleId, Timestamp } from './vocabulary.ts';

export const HistoryEntry = z.object({
  id: EventId,
  at: Timestamp,
  reviewer: z.string(),
  /** For a person: 'Accepted shirt for 3 images'. */
  text: z.string(),
  /** At most the first 100 of the images that it is about. */
  sampleIds: z.array(SampleId),
  sampleCount: z.number().int(),
  /** A decision that was taken back and not restored. */
  undone: z.boolean(),
  /** Whether it can be gone back to: a decision or tag that stands. */
  stands: z.boolean(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

export const UndoState = z.object({ undoText: z.string().nullable(), redoText: z.string().nullable() });
export type UndoState = z.infer<typeof UndoState>;

/** What an undo or redo touched. */
export const UndoResult = UndoState.extend({ text: z.string(), images: SampleSet });

export const Decision = z.object({
  images: SomeSamples,
  action: DecisionAction,
  /**
   * The label that results. other: needed. accept: null takes each image's own suggestion. keep: ignored, the label as
   * imported stands. skip: ignored, the label stays what it is.
   */
  label: ClassId.nullable().default(null),
});
export type Decision = z.input<typeof Decision>;

export const labels = service({
  name: 'labels',
  calls: {
    decide: call(Decision, UndoState),
    /** Leaves images out of trainings, or lets them in again. `changed`: images that were not so before. */
    setExcluded: call(
      z.object({ images: SomeSamples, excluded: z.boolean() }),
      UndoState.extend({ changed: z.number().int() }),
    ),
    undo: call(nothing, UndoResult),
    redo: call(nothing, UndoResult),
    /** Takes back everything after this event, so that it is the last that stands; 0: everything. Each step can be restored. */
    undoTo: call(z.object({ eventId: z.number().int().min(0) }), UndoResult),
    undoState: call(nothing, UndoState),
    history: call(
      z.object({
        from: z.number().int().min(0).default(0),
        count: z.number().int().min(1).max(500).default(100),
      }),
      z.object({ total: z.number().int(), entries: z.array(HistoryEntry) }),
    ),
    /** Adds a class that no imported image had. */
    addClass: call(z.object({ name: z.string() }), ClassEntry),
  },
  events: { undoStateChanged: UndoState },
});
