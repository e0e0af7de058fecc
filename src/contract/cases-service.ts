/**
 * @file Copyright cases: a question about images that a model made, the checks that were run, what was found, and what people judged of it. Everything that is done in
 * a case is an event of the project's log; a case is what its events make of it.
 */
import { z } from 'zod';
import { ClaimStep } from './claims.ts';
import { ProviderChoice } from './engine-service.ts';
import { DiffusionMethod } from './generation-configs.ts';
import { GroupScore } from './groups-service.ts';
import { call, service } from './service.ts';
import {
  CaseId,
  EventId,
  GroupId,
  ModelId,
  nothing,
  QueryId,
  RunId,
  SampleId,
  Timestamp,
} from './vocabulary.ts';

export const FindCopiesConfig = z.object({
  queries: z.array(QueryId).default([]).describe('numbers of the query images; all where not given'),
  modelId: ModelId.nullable()
    .default(null)
    .describe('number of the model whose last layer says how images look; pixels alone where not given'),
  nearest: z
    .number()
    .int()
    .min(1)
    .max(200)
    .default(20)
    .describe('training images kept per query, the most alike first'),
  aligned: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(50)
    .describe(
      'candidates per query that are aligned with it in detail: shifted, scaled, cropped and mirrored',
    ),
  agreement: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe('correlation of the aligned pixels from which a training image is a near-copy'),
  leastOverlap: z
    .number()
    .min(0.1)
    .max(1)
    .default(0.4)
    .describe('part of the query that an aligned training image has to cover'),
  seed: z.number().int().min(0).default(0).describe('equal seeds draw the same control images'),
  provider: ProviderChoice.default('auto').describe('where embeddings are computed'),
});
export type FindCopiesConfig = z.infer<typeof FindCopiesConfig>;

/** How a training image lies in the query: `x`, `y`, `width` and `height` are parts of the query's side, 0 … 1. */
export const Placement = z.object({
  mirrored: z.boolean(),
  /** Where the part of the query lies that the training image covers. */
  query: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  /** The part of the training image that lies there. */
  sample: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
});
export type Placement = z.infer<typeof Placement>;

/** One training image beside one query. */
export const CopyMatch = z.object({
  sampleId: SampleId,
  /** same-file: equal bytes · same-pixels: equal once decoded · aligned: correlated once it is laid over it · alike: none of these. */
  relation: z.enum(['same-file', 'same-pixels', 'aligned', 'alike']),
  /** Rank among all training images by how alike they look, 1 the most; null: beyond those kept. */
  rank: z.number().int().nullable(),
  /** Cosine of the embeddings, or correlation of the small pixels where there are none, −1 … 1. */
  similarity: z.number(),
  /** Bits of 64 in which the perceptual hashes differ, the nearer of upright and mirrored. */
  hashDistance: z.number().int(),
  /** Correlation of the pixels once aligned, −1 … 1; null: not aligned. */
  agreement: z.number().nullable(),
  placement: Placement.nullable(),
  /**
   * How common it is to have a training image this near: part of a sample of the training images whose own nearest other training image is at least as alike,
   * 0 … 1. Small: unusual; null: too few images to say.
   */
  commonness: z.number().nullable(),
  /** The highest step it reaches: manifest, near-copy or alike. */
  step: ClaimStep,
});
export type CopyMatch = z.infer<typeof CopyMatch>;

export const QueryCopies = z.object({
  /** Negative for control images: see `role`. */
  queryId: z.number().int(),
  role: z.enum(['query', 'training-image', 'held-out-image', 'unrelated']),
  /** Of a control: the image that it was made from; null of queries and of the unrelated pattern. */
  sampleId: SampleId.nullable(),
  /** What was done to that image: '' nothing, 'mirrored', 'cropped to 60 %'. */
  change: z.string(),
  /** Same images first, then near-copies, then by likeness. */
  matches: z.array(CopyMatch),
  /** That of the most alike training image. */
  commonness: z.number().nullable(),
});
export type QueryCopies = z.infer<typeof QueryCopies>;

export const CopySearch = z.object({
  runId: RunId,
  config: FindCopiesConfig,
  /** By what images were held alike. */
  embedding: z.string(),
  imageCount: z.number().int(),
  queries: z.array(QueryCopies),
});
export type CopySearch = z.infer<typeof CopySearch>;

/** Who holds the rights of a group, as far as people of the case know. */
export const GroupRights = z.object({
  groupId: GroupId,
  name: z.string(),
  memberCount: z.number().int(),
  rightsHolder: z.string(),
  licence: z.string(),
  optOut: z.enum(['opted-out', 'not-opted-out', 'unknown']),
  note: z.string(),
  /** columns: read from columns of the imported tables in which all members agree, and looked at by nobody. */
  source: z.enum(['columns', 'person']),
});
export type GroupRights = z.infer<typeof GroupRights>;

export const CompletenessQuestion = z.enum(['training-set', 'model', 'queries']);
export type CompletenessQuestion = z.infer<typeof CompletenessQuestion>;

/** 'Is this the whole training set, is this the model, are these what it made?', answered by a person. */
export const CompletenessAnswer = z.object({
  question: CompletenessQuestion,
  answer: z.enum(['yes', 'no', 'unknown']),
  /** Who says so: a name and an office, not the reviewer who wrote it down. */
  answeredBy: z.string(),
  basis: z.string(),
  reviewer: z.string(),
  at: Timestamp,
});
export type CompletenessAnswer = z.infer<typeof CompletenessAnswer>;

/** Checks that compute, in their order. removal: groups unlearned, or left out of a new training. */
export const CaseCheck = z.enum(['copies', 'influence', 'groups', 'removal']);
export type CaseCheck = z.infer<typeof CaseCheck>;

/** A run that a check is made of. */
export const CaseRun = z.object({
  check: CaseCheck,
  runId: RunId,
  status: z.enum(['queued', 'running', 'finished', 'failed', 'cancelled', 'interrupted']),
  /** The training images or the groups changed since: the check is to be run again. */
  outdated: z.boolean(),
  /** Queries of the case that it has answers for. */
  covers: z.array(QueryId),
});
export type CaseRun = z.infer<typeof CaseRun>;

/** What an attribution says of one query, beside another. */
export const MethodAgreement = z.object({
  queryId: QueryId,
  firstRunId: RunId,
  secondRunId: RunId,
  /** Part of the first's strongest 10 and 50 proponents that are among the second's, 0 … 1; null where fewer were kept. */
  top10: z.number().nullable(),
  top50: z.number().nullable(),
  /** Part of the images scored by both that both give the same sign; null: none in common. */
  sameSign: z.number().nullable(),
});
export type MethodAgreement = z.infer<typeof MethodAgreement>;

export const InfluenceMethod = z.object({
  runId: RunId,
  modelId: ModelId,
  method: DiffusionMethod,
  /** For a person: 'D-TRAK, 10 steps of time, 5 dropout masks'. */
  title: z.string(),
  /** influence; or alike, of baselines that compare pixels or embeddings and say nothing of what the model learned. */
  step: ClaimStep,
  queries: z.array(
    z.object({
      queryId: QueryId,
      proponents: z.array(
        z.object({
          sampleId: SampleId,
          score: z.number(),
          /** Over the members of the ensemble; null: one member, or not kept by this method. */
          deviation: z.number().nullable(),
          /** Standard deviations above the mean score of all training images for this query; null where not known. */
          standing: z.number().nullable(),
          /** Part of all training images that score lower for this query, 0 … 1; null where not known. */
          percentile: z.number().nullable(),
          /** Part of the control queries whose strongest proponent stands lower, by `standing`, 0 … 1; null without controls. */
          nullPercentile: z.number().nullable(),
        }),
      ),
    }),
  ),
});
export type InfluenceMethod = z.infer<typeof InfluenceMethod>;

export const GroupShares = z.object({
  runId: RunId,
  modelId: ModelId,
  /** For a person: 'GUDA, 300 steps'. */
  title: z.string(),
  /** influence; removal where the model was trained again without the groups; alike, of baselines that compare pixels or embeddings. */
  step: ClaimStep,
  groups: z.array(z.object({ groupId: GroupId, name: z.string(), size: z.number().int() })),
  queries: z.array(
    z.object({
      queryId: QueryId,
      scores: z.array(GroupScore),
      /** 'Diffuse / not attributed', 0 … 1; null without controls. */
      unattributed: z.number().nullable(),
      verdict: z.enum(['attributed', 'diffuse', 'undecided']).nullable(),
    }),
  ),
});
export type GroupShares = z.infer<typeof GroupShares>;

/** What has to hold for the findings to be worth anything. */
export const CaseControl = z.object({
  name: z.enum([
    'known-training-image',
    'held-out-image',
    'unrelated-query',
    'random-groups',
    'under-unlearning',
    'over-unlearning',
  ]),
  check: CaseCheck,
  runId: RunId,
  /** null: it could not be checked. */
  met: z.boolean().nullable(),
  /** For a person: what was expected and what was found. */
  finding: z.string(),
});
export type CaseControl = z.infer<typeof CaseControl>;

/** One thing that was found. What may be said of it follows from its step alone: see claims.ts. */
export const Finding = z.object({
  /** Of what it is about; the same whenever the case is read. */
  key: z.string(),
  step: ClaimStep,
  queryId: QueryId,
  sampleId: SampleId.nullable(),
  groupId: GroupId.nullable(),
  /** Runs that it rests on. */
  runIds: z.array(RunId),
  /** Figures by name, as they are printed: {agreement: 0.97, rank: 1}. */
  figures: z.record(z.string(), z.number()),
  /** Its control was not met, or its run is outdated: it is shown, and not relied on. */
  supported: z.boolean(),
});
export type Finding = z.infer<typeof Finding>;

/** What a person makes of an exhibit. */
export const Judgement = z.object({
  verdict: z.enum(['same-image', 'same-subject', 'same-style', 'no-resemblance', 'unsure']),
  /** Scores, ranks and groups were hidden in the case from the exhibit's adding until then. */
  blind: z.boolean(),
  note: z.string(),
  reviewer: z.string(),
  at: Timestamp,
});
export type Judgement = z.infer<typeof Judgement>;

/** A query beside a training image, or a query and a group. */
export const Exhibit = z.object({
  /** 1, 2, 3 …; a number is not given again where an exhibit is withdrawn. */
  number: z.number().int(),
  queryId: QueryId,
  sampleId: SampleId.nullable(),
  groupId: GroupId.nullable(),
  caption: z.string(),
  /** The highest step that supported findings about it reach; null: no check that can be relied on says anything of it. */
  step: ClaimStep.nullable(),
  /** What its query and its training image were when it was added: SHA-256 of their files. */
  querySha256: z.string(),
  sampleSha256: z.string().nullable(),
  /** Newest last; a later one does not erase an earlier one. */
  judgements: z.array(Judgement),
  /** Blurred in what leaves the house. */
  redacted: z.boolean(),
  addedAt: Timestamp,
});
export type Exhibit = z.infer<typeof Exhibit>;

export const CaseNote = z.object({ text: z.string(), reviewer: z.string(), at: Timestamp });
export type CaseNote = z.infer<typeof CaseNote>;

/** One thing that was done in the case. */
export const CaseEvent = z.object({
  eventId: EventId,
  /** What was done: 'open', 'change', 'link-run', 'add-exhibits' … */
  kind: z.string(),
  text: z.string(),
  reviewer: z.string(),
  at: Timestamp,
});

/** The training images as they stood when somebody took them down for the case. */
export const CaseManifest = z.object({
  imageCount: z.number().int(),
  missingCount: z.number().int(),
  /** Of one line 'sha256 path' per training image, in the order of their paths. */
  sha256: z.string(),
  /** The same images are here now. */
  unchanged: z.boolean(),
  at: Timestamp,
});
export type CaseManifest = z.infer<typeof CaseManifest>;

export const CaseEntry = z.object({
  id: CaseId,
  name: z.string(),
  /** In words. */
  question: z.string(),
  status: z.enum(['open', 'closed']),
  queryCount: z.number().int(),
  exhibitCount: z.number().int(),
  /** false: one failed; null: no check was run, or not all that could be checked was. */
  controlsMet: z.boolean().nullable(),
  createdAt: Timestamp,
  changedAt: Timestamp,
});
export type CaseEntry = z.infer<typeof CaseEntry>;

export const CaseFile = CaseEntry.extend({
  queryIds: z.array(QueryId),
  modelIds: z.array(ModelId),
  groups: z.array(GroupRights),
  manifest: CaseManifest.nullable(),
  completeness: z.array(CompletenessAnswer),
  runs: z.array(CaseRun),
  copies: CopySearch.nullable(),
  influence: z.array(InfluenceMethod),
  agreement: z.array(MethodAgreement),
  /** One for each finished run of the checks 'groups' and 'removal'. */
  shares: z.array(GroupShares),
  controls: z.array(CaseControl),
  findings: z.array(Finding),
  exhibits: z.array(Exhibit),
  notes: z.array(CaseNote),
  decision: CaseNote.nullable(),
  /** Scores are hidden while exhibits are judged. */
  blind: z.boolean(),
  /** Names of groups and rights-holders are replaced by code names in what leaves the house; the key is a file of its own. */
  codeNames: z.boolean(),
  events: z.array(CaseEvent),
});
export type CaseFile = z.infer<typeof CaseFile>;

const inCase = z.object({ caseId: CaseId });
const words = z.string().trim().min(1).max(10_000);

export const cases = service({
  name: 'cases',
  calls: {
    /** Newest first. */
    list: call(nothing, z.array(CaseEntry)),
    open: call(z.object({ name: z.string().trim().min(1).max(200), question: words }), CaseId),
    read: call(inCase, CaseFile),
    /** Changes what is given, and leaves the rest. */
    change: call(
      inCase.extend({
        name: z.string().trim().min(1).max(200).optional(),
        question: words.optional(),
        queryIds: z.array(QueryId).optional(),
        modelIds: z.array(ModelId).optional(),
        blind: z.boolean().optional(),
        codeNames: z.boolean().optional(),
      }),
      z.null(),
    ),
    /** A closed case refuses every change until it is opened again. */
    setStatus: call(inCase.extend({ status: z.enum(['open', 'closed']) }), z.null()),
    /** Puts a group into the case, or changes what is known of its rights: what is not said stays as it is. */
    setRights: call(
      inCase.extend({
        rights: GroupRights.pick({
          groupId: true,
          rightsHolder: true,
          licence: true,
          optOut: true,
          note: true,
        }).partial({ rightsHolder: true, licence: true, optOut: true, note: true }),
      }),
      z.null(),
    ),
    /** Puts groups into the case, with the rights that columns of the imported tables give where all members agree. */
    addGroups: call(inCase.extend({ groupIds: z.array(GroupId).min(1).max(1000) }), z.null()),
    removeGroups: call(inCase.extend({ groupIds: z.array(GroupId).min(1) }), z.null()),
    takeManifest: call(inCase, CaseManifest),
    answer: call(
      inCase.extend({
        answer: CompletenessAnswer.pick({ question: true, answer: true, answeredBy: true, basis: true }),
      }),
      z.null(),
    ),
    /** A run that was started for the case, or before it. */
    linkRun: call(inCase.extend({ check: CaseCheck, runId: RunId }), z.null()),
    unlinkRun: call(inCase.extend({ runId: RunId }), z.null()),
    addExhibits: call(
      inCase.extend({
        exhibits: z
          .array(Exhibit.pick({ queryId: true, sampleId: true, groupId: true, caption: true }))
          .min(1)
          .max(1000),
      }),
      z.object({ numbers: z.array(z.number().int()) }),
    ),
    changeExhibit: call(
      inCase.extend({
        number: z.number().int(),
        caption: z.string().max(10_000).optional(),
        redacted: z.boolean().optional(),
      }),
      z.null(),
    ),
    withdrawExhibit: call(inCase.extend({ number: z.number().int(), reason: words }), z.null()),
    judge: call(
      inCase.extend({
        number: z.number().int(),
        judgement: Judgement.pick({ verdict: true, note: true }),
      }),
      z.null(),
    ),
    note: call(inCase.extend({ text: words }), z.null()),
    decide: call(inCase.extend({ text: words }), z.null()),
    /** Where a query and a training image differ once aligned, as a picture (PNG). */
    differenceMap: call(
      inCase.extend({ queryId: QueryId, sampleId: SampleId }),
      z.object({ bytes: z.instanceof(Uint8Array), type: z.string() }),
    ),
  },
  events: { changed: z.object({ caseId: CaseId }) },
});
