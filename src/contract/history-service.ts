/** @file Places in the history: named snapshots, what differs between two of them, and the log as a file. */
import { z } from 'zod';
import { call, service } from './service.ts';
import { ClassId, GroupId, nothing, SampleId, TagId, Timestamp } from './vocabulary.ts';

export const SnapshotId = z.number().int().positive().brand<'SnapshotId'>();
export type SnapshotId = z.infer<typeof SnapshotId>;

export const Snapshot = z.object({
  id: SnapshotId,
  name: z.string(),
  /** The last event that belongs to it; 0: before all of them. */
  eventId: z.number().int(),
  reviewer: z.string(),
  createdAt: Timestamp,
});
export type Snapshot = z.infer<typeof Snapshot>;

/** null: now. */
const Place = SnapshotId.nullable();

/** What decisions, tags and changes of groups made of the images from one place to another; imports in between are not told. */
export const Difference = z.object({
  /** Images whose label, decision, tags or groups differ, or that are left out of trainings at one place alone. */
  changed: z.number().int(),
  /** At most the first 100,000 of them. */
  sampleIds: z.array(SampleId),
  /** Labels that differ, the commonest change first; null: no label. */
  labels: z.array(
    z.object({ from: ClassId.nullable(), to: ClassId.nullable(), sampleIds: z.array(SampleId) }),
  ),
  /** Images of every class at both places. */
  classes: z.array(
    z.object({ classId: ClassId.nullable(), before: z.number().int(), after: z.number().int() }),
  ),
  tags: z.array(z.object({ tagId: TagId, given: z.number().int(), taken: z.number().int() })),
  groups: z.array(z.object({ groupId: GroupId, added: z.number().int(), taken: z.number().int() })),
  /** Images that were left out of trainings, and that were taken in again. */
  excluded: z.number().int(),
  included: z.number().int(),
});
export type Difference = z.infer<typeof Difference>;

export const history = service({
  name: 'history',
  calls: {
    /** Newest first. */
    snapshots: call(nothing, z.array(Snapshot)),
    /** Names what stands now; refused where the name is taken. */
    take: call(z.object({ name: z.string().trim().min(1).max(100) }), Snapshot),
    remove: call(z.object({ id: SnapshotId }), z.null()),
    difference: call(z.object({ from: Place, to: Place }), Difference),
    /** The whole log, one JSON object a line, each with the hash of the line before. */
    writeLog: call(
      z.object({ path: z.string().min(1) }),
      z.object({ path: z.string(), rows: z.number().int(), sha256: z.string() }),
    ),
  },
  events: { changed: nothing },
});
