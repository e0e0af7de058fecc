/** @file Issues of pictures: what a search found, kind by kind, and what is decided about each, or about all of a kind by a rule. */
import { z } from 'zod';
import { ProviderChoice } from './engine-service.ts';
import { ImageIssueKind, IssueRule } from './issue-kinds.ts';
import { UndoState } from './labels-service.ts';
import { call, service } from './service.ts';
import { ModelId, nothing, RunId, SampleId } from './vocabulary.ts';

export const FindIssuesConfig = z.object({
  kinds: z
    .array(ImageIssueKind)
    .min(1)
    .default(ImageIssueKind.options)
    .describe('what is looked for; all kinds where not given'),
  thresholds: z
    .partialRecord(ImageIssueKind, z.number())
    .default({})
    .describe('where a kind becomes an issue, instead of its own threshold'),
  mirrored: z.boolean().default(false).describe('look for near duplicates among mirror images too'),
  embeddingSimilarity: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe(
      'cosine of the embeddings from which two images are near duplicates as well; not looked at where not given',
    ),
  modelId: ModelId.nullable()
    .default(null)
    .describe(
      'number of the model whose last layer tells outliers; the newest where not given, pixels where there is none',
    ),
  provider: ProviderChoice.default('auto').describe('where embeddings are computed'),
});
export type FindIssuesConfig = z.infer<typeof FindIssuesConfig>;

/** keep: nothing is wrong with it · exclude: some or all of its images are left out of trainings · skip: not now. */
export const ImageIssueResolution = z.enum(['keep', 'exclude', 'skip']);
export type ImageIssueResolution = z.infer<typeof ImageIssueResolution>;

/** What an image of a cluster is to the first one. */
export const MemberRelation = z.enum(['first', 'same-file', 'same-pixels', 'alike', 'mirrored', 'embedding']);
export type MemberRelation = z.infer<typeof MemberRelation>;

export const ImageIssueMember = z.object({
  sampleId: SampleId,
  /** To the first, −1 … 1; null where it is not compared. */
  similarity: z.number().nullable(),
  relation: MemberRelation,
  /** Left out of trainings by this or another decision. */
  excluded: z.boolean(),
});
export type ImageIssueMember = z.infer<typeof ImageIssueMember>;

export const ImageIssue = z.object({
  kind: ImageIssueKind,
  /** Of the images it is about: an issue that is found again has the same, and keeps what was decided. */
  key: z.string(),
  /** 1 is the clearest of its kind. */
  rank: z.number().int(),
  /** 0 … 1: how far beyond the threshold; of duplicates the similarity. */
  score: z.number(),
  /** In the unit of its kind; null where nothing is measured. */
  value: z.number().nullable(),
  /** For a person: why a file is broken, which splits a leak touches. */
  detail: z.string(),
  /** Its images have different labels. */
  conflicting: z.boolean(),
  state: z.enum(['open', ...ImageIssueResolution.options]),
  /** One image, or those of a cluster; a file that never was an image has none. */
  members: z.array(ImageIssueMember),
});
export type ImageIssue = z.infer<typeof ImageIssue>;

/** How many images lie between the edges; the first and the last bin hold what lies beyond. */
export const MeasureHistogram = z.object({
  from: z.number(),
  to: z.number(),
  counts: z.array(z.number().int()),
});
export type MeasureHistogram = z.infer<typeof MeasureHistogram>;

/** What the newest search for a kind found. */
export const ImageIssueSummary = z.object({
  kind: ImageIssueKind,
  runId: RunId,
  total: z.number().int(),
  open: z.number().int(),
  examined: z.number().int(),
  threshold: z.number().nullable(),
  histogram: MeasureHistogram.nullable(),
});
export type ImageIssueSummary = z.infer<typeof ImageIssueSummary>;

/** What a rule does, or would do. */
export const RuleEffect = z.object({
  /** Open issues that it decides. */
  issues: z.number().int(),
  /** Images that it excludes. */
  excluded: z.number().int(),
  /** Of the decided ones: clusters whose images have different labels. */
  conflicting: z.number().int(),
  /** Open issues that it has nothing to say about. */
  left: z.number().int(),
});
export type RuleEffect = z.infer<typeof RuleEffect>;

const RuleOfKind = z.object({ kind: ImageIssueKind, rule: IssueRule });

export const imageIssues = service({
  name: 'imageIssues',
  calls: {
    /** Of every kind that was looked for. */
    summary: call(nothing, z.array(ImageIssueSummary)),
    /** Ranked page of a kind. `state` 'open' leaves the decided ones out. */
    page: call(
      z.object({
        kind: ImageIssueKind,
        from: z.number().int().min(0).default(0),
        count: z.number().int().min(1).max(500).default(50),
        state: z.enum(['open', 'all']).default('all'),
      }),
      z.object({ total: z.number().int(), issues: z.array(ImageIssue) }),
    ),
    /** Decides one issue: `exclude` names those of its images that are left out from now on; the others stay. */
    resolve: call(
      z.object({
        kind: ImageIssueKind,
        key: z.string(),
        state: ImageIssueResolution,
        exclude: z.array(SampleId).default([]),
      }),
      UndoState,
    ),
    previewRule: call(RuleOfKind, RuleEffect),
    /** Decides all open issues of the kind, as one step that can be undone. */
    applyRule: call(RuleOfKind, RuleEffect),
    /** How many images are left out of trainings. */
    excludedCount: call(nothing, z.number().int()),
  },
  events: { changed: z.array(ImageIssueSummary) },
});
