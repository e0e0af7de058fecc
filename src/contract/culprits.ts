/** @file Training images that evidence points to, flagged so that somebody looks at them: which evidence it was. */
import { z } from 'zod';
import { ClassId, QueryId, RunId, SampleId, Timestamp } from './vocabulary.ts';

/** The tag that flagged images get. */
export const CULPRIT_TAG = 'culprit';

/** Where a flag comes from: the image whose evidence it was, and what that said of the flagged one. */
export const CulpritSource = z.object({
  subject: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sample'), id: SampleId }),
    z.object({ kind: z.literal('query'), id: QueryId }),
  ]),
  /** The attribution or the ranking that the evidence is of. */
  runId: RunId.nullable(),
  /** Positive: it pulls the subject towards the class, or the model towards the query image; negative: away. */
  score: z.number(),
  /** null: the subject has no class. */
  towards: ClassId.nullable(),
});
export type CulpritSource = z.infer<typeof CulpritSource>;

/** A flag that stands. */
export const CulpritFlag = z.object({ at: Timestamp, reviewer: z.string(), source: CulpritSource });
export type CulpritFlag = z.infer<typeof CulpritFlag>;
