/** @file Reports of cases: written, signed, and checked years later. */
import { z } from 'zod';
import { Run } from './runs-service.ts';
import { call, service } from './service.ts';
import { CaseId, nothing, RunId, Timestamp } from './vocabulary.ts';

export const ReportForm = z.enum(['html', 'pdf', 'bundle']);
export type ReportForm = z.infer<typeof ReportForm>;

export const WriteReport = z.object({
  caseId: CaseId,
  form: ReportForm,
  path: z.string().min(1),
  /** Signs the bundle with the local key, which is made where there is none. */
  sign: z.boolean().default(false),
  /** Where the names that code names stand for are written; needed where the case uses code names. */
  keyPath: z.string().nullable().default(null),
});
export type WriteReport = z.infer<typeof WriteReport>;

export const WrittenReport = z.object({
  path: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** Written as a draft: controls were not met, or not run. */
  draft: z.boolean(),
});
export type WrittenReport = z.infer<typeof WrittenReport>;

export const VerifiedPart = z.object({
  /** A file of the bundle, a source file, an event, the chain, the signature, a repeated computation. */
  kind: z.enum([
    'bundle-file',
    'event',
    'chain',
    'signature',
    'source-file',
    'query-file',
    'model-file',
    'rerun',
  ]),
  name: z.string(),
  result: z.enum(['pass', 'changed', 'missing', 'added', 'not-checked']),
  /** What was expected, what was found. */
  detail: z.string(),
});
export type VerifiedPart = z.infer<typeof VerifiedPart>;

export const Verification = z.object({
  path: z.string(),
  caseName: z.string(),
  writtenAt: Timestamp,
  signedBy: z.string().nullable(),
  passed: z.boolean(),
  /** All that did not pass first. Of many files of a kind that pass, one row with their count. */
  parts: z.array(VerifiedPart),
});
export type Verification = z.infer<typeof Verification>;

export const reports = service({
  name: 'reports',
  calls: {
    /** As the HTML that would be written, to be looked at. */
    preview: call(z.object({ caseId: CaseId }), z.object({ html: z.string(), draft: z.boolean() })),
    /** HTML and bundle. A PDF is made by the shell from the HTML. */
    write: call(WriteReport, WrittenReport),
    /** Re-hashes a bundle, its chain, and, where the project is open, the source files. */
    verify: call(
      z.object({ path: z.string().min(1), withProject: z.boolean().default(false) }),
      Verification,
    ),
    /** A project like the open one, without anything that could be read instead of being computed again, and the runs of the bundle as they are to be started in it. */
    prepareRerun: call(
      z.object({ path: z.string().min(1) }),
      z.object({
        projectPath: z.string(),
        runs: z.array(Run.pick({ id: true, kind: true, config: true })),
      }),
    ),
    /** Holds what a run of the open project found against what the bundle says of another; within the tolerances of docs/reports.md. */
    compareRerun: call(
      z.object({ path: z.string().min(1), runId: RunId, repeatedRunId: RunId }),
      VerifiedPart,
    ),
    /** The public half of the local signing key; null: none was made yet. */
    publicKey: call(nothing, z.object({ pem: z.string(), fingerprint: z.string() }).nullable()),
  },
  events: {},
});
