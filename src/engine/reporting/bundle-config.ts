/** @file config.json of a bundle: what was run with what, and by what the rest of the bundle and the project are found. */
import { z } from 'zod';
import { CaseCheck } from '../../contract/cases-service.ts';
import { CaseId, ModelId, QueryId, RunId } from '../../contract/vocabulary.ts';

export const BUNDLE_FORMAT = 'whence-case-bundle';

const HashedFile = z.object({ path: z.string(), bytes: z.number(), sha256: z.string().nullable() });

export const BundleConfig = z.object({
  format: z.literal(BUNDLE_FORMAT),
  version: z.literal(1),
  writtenAt: z.string(),
  writtenBy: z.string(),
  /** Why it is a draft; null: it is none. */
  draft: z.string().nullable(),
  case: z.object({ id: CaseId, name: z.string(), codeNames: z.boolean() }),
  projectName: z.string(),
  chain: z.object({ events: z.number().int(), head: z.string() }),
  queries: z.array(z.object({ id: QueryId, sha256: z.string() })),
  models: z.array(z.object({ id: ModelId, files: z.array(HashedFile) })),
  runs: z.array(
    z.looseObject({
      id: RunId,
      kind: z.string(),
      check: CaseCheck.nullable(),
      config: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type BundleConfig = z.infer<typeof BundleConfig>;
