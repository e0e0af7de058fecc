/** @file What can be done in a case: the payloads of its events. An event holds all that it says, so that the log alone makes the case. */
import { z } from 'zod';
import {
  CaseCheck,
  CaseManifest,
  CompletenessAnswer,
  GroupRights,
  Judgement,
} from '../../contract/cases-service.ts';
import { GroupId, ModelId, QueryId, RunId, SampleId } from '../../contract/vocabulary.ts';

/** An exhibit as it is added: what it shows by number and by content. */
export const AddedExhibit = z.object({
  number: z.number().int(),
  queryId: QueryId,
  querySha256: z.string(),
  sampleId: SampleId.nullable(),
  sampleSha256: z.string().nullable(),
  /** As the training image is called in its source; null: it is about no image. */
  samplePath: z.string().nullable(),
  groupId: GroupId.nullable(),
  caption: z.string(),
});
export type AddedExhibit = z.infer<typeof AddedExhibit>;

export const CaseAction = z.discriminatedUnion('action', [
  z.object({ action: z.literal('open'), name: z.string(), question: z.string() }),
  z.object({
    action: z.literal('change'),
    name: z.string().optional(),
    question: z.string().optional(),
    /** With what their files are, so that a file that changed shows. */
    queries: z.array(z.object({ id: QueryId, sha256: z.string() })).optional(),
    modelIds: z.array(ModelId).optional(),
    blind: z.boolean().optional(),
    codeNames: z.boolean().optional(),
  }),
  z.object({ action: z.literal('set-status'), status: z.enum(['open', 'closed']) }),
  /** Groups with their names then: those of a group that is gone stay readable. */
  z.object({ action: z.literal('set-rights'), groups: z.array(GroupRights).min(1) }),
  z.object({ action: z.literal('remove-groups'), groupIds: z.array(GroupId) }),
  z.object({
    action: z.literal('take-manifest'),
    manifest: CaseManifest.pick({ imageCount: true, missingCount: true, sha256: true }),
  }),
  z.object({
    action: z.literal('answer'),
    answer: CompletenessAnswer.pick({ question: true, answer: true, answeredBy: true, basis: true }),
  }),
  z.object({ action: z.literal('link-run'), check: CaseCheck, runId: RunId }),
  z.object({ action: z.literal('unlink-run'), runId: RunId }),
  z.object({ action: z.literal('add-exhibits'), exhibits: z.array(AddedExhibit).min(1) }),
  z.object({
    action: z.literal('change-exhibit'),
    number: z.number().int(),
    caption: z.string().optional(),
    redacted: z.boolean().optional(),
  }),
  z.object({ action: z.literal('withdraw-exhibit'), number: z.number().int(), reason: z.string() }),
  z.object({
    action: z.literal('judge'),
    number: z.number().int(),
    judgement: Judgement.pick({ verdict: true, note: true }),
  }),
  z.object({ action: z.literal('note'), text: z.string() }),
  z.object({ action: z.literal('decide'), text: z.string() }),
]);
export type CaseAction = z.infer<typeof CaseAction>;
