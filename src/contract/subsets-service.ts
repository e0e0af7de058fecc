/** @file Chosen subsets of the training images: what they keep, what they are measured to do, and their export. */
import { z } from 'zod';
import { call, service } from './service.ts';
import { SelectConfig, SelectionStrategy } from './selection-config.ts';
import { ExportFormat, FilePlacement } from './export-formats.ts';
import { ClassId, ModelId, nothing, RunId, SubsetId, Timestamp } from './vocabulary.ts';

/** Test accuracy after training on some images, over training seeds. */
export const MeasuredAccuracy = z.object({
  mean: z.number(),
  deviation: z.number(),
  repeats: z.number().int(),
});
export type MeasuredAccuracy = z.infer<typeof MeasuredAccuracy>;

/** Scores of an influence strategy added up: a first-order estimate of margins, to be measured before it is believed. */
export const PredictedEffect = z.object({
  /** Target images that the scores are about. */
  targets: z.number().int(),
  /** What the chosen images, and those left out, add to a target's margin, on average over the targets. */
  kept: z.number(),
  dropped: z.number(),
});
export type PredictedEffect = z.infer<typeof PredictedEffect>;

export const Subset = z.object({
  id: SubsetId,
  runId: RunId,
  modelId: ModelId,
  name: z.string(),
  strategy: SelectionStrategy,
  /** Which scores were kept, now that it is settled. */
  keep: z.enum(['high', 'low']),
  /** Everything that it was chosen with. */
  choices: SelectConfig,
  sampleCount: z.number().int(),
  /** Training images that it was chosen from. */
  candidateCount: z.number().int(),
  /** What each class keeps. */
  classes: z.array(z.object({ classId: ClassId, kept: z.number().int(), candidates: z.number().int() })),
  /** What each folder keeps; empty where there is only one. */
  folders: z.array(z.object({ folder: z.string(), kept: z.number().int(), candidates: z.number().int() })),
  /** null where the strategy predicts none. */
  predicted: PredictedEffect.nullable(),
  /** Measured by training again; null where it was not asked for. */
  measured: z
    .object({
      subset: MeasuredAccuracy,
      /** Random subsets of the same size and balance. */
      random: MeasuredAccuracy,
      /** The model, trained on all candidates. */
      everything: MeasuredAccuracy.nullable(),
      /** What the accuracy is of: the test split, or the held-out images where there is none. */
      on: z.enum(['test', 'held-out']),
    })
    .nullable(),
  createdAt: Timestamp,
});
export type Subset = z.infer<typeof Subset>;

export const subsets = service({
  name: 'subsets',
  calls: {
    /** Newest first. */
    list: call(nothing, z.array(Subset)),
    rename: call(z.object({ id: SubsetId, name: z.string().min(1).max(100) }), z.null()),
    remove: call(z.object({ id: SubsetId }), z.null()),
    /** A manifest (path, label, split, score, sha256), or the file names alone. Written to a partial name, then renamed. */
    export: call(
      z.object({
        id: SubsetId,
        path: z.string().min(1),
        format: ExportFormat,
        placement: FilePlacement.default('copy'),
      }),
      z.object({ path: z.string(), rows: z.number().int(), sha256: z.string() }),
    ),
  },
  events: { changed: z.null() },
});
