/** @file Looking at a folder before it is imported, and at what could not be read afterwards. */
import { z } from 'zod';
import { call, service } from './service.ts';
import { Split, Timestamp } from './vocabulary.ts';

export const SourceLayout = z.object({
  kind: z.enum(['class-folders', 'split-class-folders', 'labels-csv', 'flat-folder', 'idx']),
  sourcePath: z.string(),
  /** One sentence for the person: what was recognised. */
  description: z.string(),
  imageCount: z.number().int(),
  otherFileCount: z.number().int(),
  classes: z.array(z.object({ name: z.string(), count: z.number().int() })),
  splits: z.array(z.object({ split: Split, count: z.number().int() })),
  /** Paths of a few images, relative to the source, for a preview. */
  examples: z.array(z.string()),
});
export type SourceLayout = z.infer<typeof SourceLayout>;

export const ProblemReason = z.enum([
  'empty',
  'truncated',
  'not-an-image',
  'unsupported',
  'too-large',
  'unreadable',
  'vanished',
  'label-unknown',
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

export const imports = service({
  name: 'imports',
  calls: {
    /** Recognises the layout without reading pixels. */
    inspect: call(z.object({ sourcePath: z.string() }), SourceLayout),
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
