/** @file Looking at a folder before it is imported, and at what could not be read afterwards. */
import { z } from 'zod';
import { call, service } from './service.ts';
import { Split, Timestamp } from './vocabulary.ts';

/** How a source is laid out; one module of the engine reads each. */
export const SourceKind = z.enum([
  'class-folders',
  'split-class-folders',
  'flat-folder',
  'manifest',
  'coco',
  'webdataset',
  'parquet',
  'npz',
  'cifar',
  'idx',
]);
export type SourceKind = z.infer<typeof SourceKind>;

/** A source, and what a person says of it where the guess is wrong. */
export const SourceChoices = z.object({
  sourcePath: z
    .string()
    .min(1)
    .describe('folder, zip, tar or tar.gz of images, or a file of many images or of their labels'),
  layout: SourceKind.optional().describe('how the source is laid out; the likeliest where not given'),
  pathColumn: z
    .string()
    .optional()
    .describe('column of a table that names the images, or holds them; guessed where not given'),
  labelColumn: z
    .string()
    .optional()
    .describe(
      'column of a table that holds the labels; guessed where not given, none: no label from the table',
    ),
  splitColumn: z
    .string()
    .optional()
    .describe(
      'column of a table that holds the splits; guessed where not given, none: no split from the table',
    ),
  imageRoot: z
    .string()
    .optional()
    .describe('folder that the paths of a table are relative to; the table’s own where not given'),
});
export type SourceChoices = z.infer<typeof SourceChoices>;

/** A choice of column that means: from nowhere. */
export const NO_COLUMN = 'none';

/** How sure the layout is: it cannot be another; it fits well; it fits. */
export const Confidence = z.enum(['certain', 'likely', 'guess']);
export type Confidence = z.infer<typeof Confidence>;

/** The columns of a table and which is taken for what; null: none. */
export const TableGuess = z.object({
  file: z.string(),
  columns: z.array(z.object({ name: z.string(), examples: z.array(z.string()) })),
  path: z.string().nullable(),
  label: z.string().nullable(),
  split: z.string().nullable(),
});
export type TableGuess = z.infer<typeof TableGuess>;

export const ProblemReason = z.enum([
  'empty',
  'truncated',
  'not-an-image',
  'unsupported',
  'too-large',
  'unreadable',
  'vanished',
  'label-unknown',
  'unsafe-path',
]);
export type ProblemReason = z.infer<typeof ProblemReason>;

export const Problem = z.object({
  id: z.number().int(),
  path: z.string(),
  reason: ProblemReason,
  detail: z.string(),
  bytes: z.number().nullable(),
  foundAt: Timestamp,
});
export type Problem = z.infer<typeof Problem>;

export const SourceLayout = z.object({
  kind: SourceKind,
  container: z.enum(['folder', 'zip', 'tar']),
  confidence: Confidence,
  /** Further kinds that the source could be read as, the likeliest first. */
  alternatives: z.array(SourceKind),
  sourcePath: z.string(),
  /** One sentence for the person: what was recognised. */
  description: z.string(),
  imageCount: z.number().int(),
  otherFileCount: z.number().int(),
  classes: z.array(z.object({ name: z.string(), count: z.number().int() })),
  splits: z.array(z.object({ split: Split, count: z.number().int() })),
  /** Paths of a few images, relative to the source, for a preview. */
  examples: z.array(z.string()),
  /** Where a table says what the images are. */
  table: TableGuess.nullable(),
  /** What a person said of it at an earlier import, by which it is read here; null: it is guessed, or told now. */
  remembered: SourceChoices.nullable().default(null),
  /** What is known to be wrong before any image is read: how much, and the first of it. */
  problemCount: z.number().int(),
  problems: z.array(Problem.pick({ path: true, reason: true, detail: true })),
});
export type SourceLayout = z.infer<typeof SourceLayout>;

export const imports = service({
  name: 'imports',
  calls: {
    /** Recognises the layout without reading pixels. */
    inspect: call(SourceChoices, SourceLayout),
    problems: call(
      z.object({
        from: z.number().int().min(0).default(0),
        count: z.number().int().min(1).max(500).default(100),
      }),
      z.object({ total: z.number().int(), problems: z.array(Problem) }),
    ),
  },
  events: {},
});
