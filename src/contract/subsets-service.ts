/** @file Chosen subsets of the training images: what they keep, what they are measured to do, and their export. */
import { z } from 'zod';
import { call, service } from './service.ts';
import { SelectionStrategy } from './selection-config.ts';
import { ClassId, ModelId, nothing, RunId, Timestamp } from './vocabulary.ts';

const id = z.number().int().positive();
export const SubsetId = id.brand<'SubsetId'>();
export type SubsetId = z.infer<typeof SubsetId>;

/** Test accuracy after training on some images, over training seeds. */
export const MeasuredAccuracy = z.object({
  mean: z.number(),
  deviation: z.number(),
  repeats: z.number().int(),
});
export type MeasuredAccuracy = z.infer<typeof MeasuredAccuracy>;

export const Subset = z.object({
  id: SubsetId,
  runId: RunId,
  modelId: ModelId,
  name: z.string(),
  strategy: SelectionStrategy,
  sampleCount: z.number().int(),
  /** Training images that it was chosen from. */
  candidateCount: z.number().int(),
  /** What each class keeps. */
  classes: z.array(z.object({ classId: ClassId, kept: z.number().int(), candidates: z.number().int() })),
  /** What each folder keeps; empty where there is only one. */
  folders: z.array(z.object({ folder: z.string(), kept: z.number().int(), candidates: z.number().int() })),
  /** Measured by training again; null where it was not asked for. */
  measured: z
    .object({
      subset: MeasuredAccuracy,
      /** Random subsets of the same size and balance. */
      random: MeasuredAccuracy,
      /** The model, trained on all candidates. */
      everything: MeasuredAccuracy.nullable(),
    })
    .nullable(),
  createdAt: Timestamp,
});
export type Subset = z.infer<typeof Subset>;

export const SubsetExportFormat = z.enum(['csv', 'jsonl', 'names']);
export type SubsetExportFormat = z.infer<typeof SubsetExportFormat>;

export const subsets = service({
  name: 'subsets',
  calls: {
    /** Newest first. */
    list: call(nothing, z.array(Subset)),
    rename: call(z.object({ id: SubsetId, name: z.string().min(1).max(100) }), z.null()),
    remove: call(z.object({ id: SubsetId }), z.null()),
    /** A manifest (path, label, split, score, sha256), or the file names alone. Written to a partial name, then renamed. */
    export: call(
      z.object({ id: SubsetId, path: z.string().min(1), format: SubsetExportFormat }),
      z.object({ path: z.string(), rows: z.number().int(), sha256: z.string() }),
    ),
  },
  events: { changed: nothing },
});
