/** @file Opening, creating and describing the one project that an engine has open. */
import { z } from 'zod';
import { call, service } from './service.ts';
import { ClearablePart, StoredPart } from './storage-parts.ts';
import { ClassEntry, nothing, Timestamp } from './vocabulary.ts';

export const ProjectSummary = z.object({
  path: z.string(),
  name: z.string(),
  createdAt: Timestamp,
  sampleCount: z.number().int(),
  missingCount: z.number().int(),
  problemCount: z.number().int(),
  splitCounts: z.object({ train: z.number().int(), val: z.number().int(), test: z.number().int() }),
  classes: z.array(ClassEntry),
  decidedCount: z.number().int(),
  changedLabelCount: z.number().int(),
  modelCount: z.number().int(),
  issueCount: z.number().int(),
  openIssueCount: z.number().int(),
});
export type ProjectSummary = z.infer<typeof ProjectSummary>;

export const RecentProject = z.object({
  path: z.string(),
  name: z.string(),
  openedAt: Timestamp,
  sampleCount: z.number().int(),
  exists: z.boolean(),
});
export type RecentProject = z.infer<typeof RecentProject>;

const ProjectPath = z.object({ path: z.string().min(1) });

export const projects = service({
  name: 'projects',
  calls: {
    /** The open project, or null. */
    current: call(nothing, ProjectSummary.nullable()),
    recent: call(nothing, z.array(RecentProject)),
    forget: call(ProjectPath, z.array(RecentProject)),
    open: call(ProjectPath, ProjectSummary),
    /** Makes a project folder (`.whence` is appended where it is missing) and opens it. */
    create: call(ProjectPath, ProjectSummary),
    /** Where the embedded sample lies (originals are never modified, so it is used in place), and where a project for it would go. */
    prepareSample: call(nothing, z.object({ sourcePath: z.string(), projectPath: z.string() })),
    /** Where a project made from this source would go by default. */
    suggestPath: call(z.object({ sourcePath: z.string() }), ProjectPath),
    close: call(nothing, z.null()),
    /** What the open project takes on disk. */
    storage: call(nothing, z.array(StoredPart)),
    /** Deletes parts that are made again when they are needed; answers what is left. Refused while a run goes on. */
    clearStorage: call(z.object({ parts: z.array(ClearablePart).min(1) }), z.array(StoredPart)),
  },
  events: {
    /** Another project was opened, or the open one changed in a way that its summary shows. */
    changed: ProjectSummary.nullable(),
  },
});
