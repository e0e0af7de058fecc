/** @file What the analysis found: the queue of label issues (those of pictures: image-issues-service.ts), and the training images behind any prediction. */
import { z } from 'zod';
import { AttributionChoices, AttributionMethod } from './attribution-choices.ts';
import { Validity } from './evaluations-service.ts';
import { ExportFormat, FilePlacement } from './export-formats.ts';
import { InfluenceEntry, IssueMethod } from './runs-service.ts';
import { SampleSet } from './sample-set.ts';
import { SampleFilter } from './samples-service.ts';
import { call, service } from './service.ts';
import {
  ClassId,
  DecisionAction,
  ModelId,
  nothing,
  RunId,
  SampleId,
  SubsetId,
  Timestamp,
} from './vocabulary.ts';

export const IssueState = z.enum(['open', ...DecisionAction.options]);

export const Issue = z.object({
  kind: z.literal('label'),
  sampleId: SampleId,
  /** 1 is the most suspicious. */
  rank: z.number().int(),
  /** 0…1, higher is more suspicious: the probability that the label is wrong where the signals are combined, else the rank percentile of one. */
  score: z.number(),
  givenLabel: ClassId,
  suggestedLabel: ClassId,
  state: IssueState,
  /** Rank percentile of each signal, 0…1. */
  signals: z.record(z.string(), z.number()),
  /** Flagged by a rule (confident learning's pruning, or AUM's threshold), not only ranked. */
  flagged: z.boolean(),
});
export type Issue = z.infer<typeof Issue>;

export const IssueSummary = z.object({
  runId: RunId.nullable(),
  modelId: ModelId.nullable(),
  /** What the images are ranked by. */
  method: IssueMethod,
  total: z.number().int(),
  flagged: z.number().int(),
  decided: z.number().int(),
  /** Estimated share of wrong labels; null where not estimated. */
  estimatedNoise: z.number().nullable(),
  /** The model has changed labels since the run: the ranking is of before. */
  stale: z.boolean(),
});
export type IssueSummary = z.infer<typeof IssueSummary>;

/** How many labels of each class are estimated to belong to which class, in whole images. */
export const NoiseMatrix = z.object({
  /** A class's row sums to the images given its label; cells without images are left out. */
  cells: z.array(z.object({ given: ClassId, truth: ClassId, count: z.number().int() })),
});
export type NoiseMatrix = z.infer<typeof NoiseMatrix>;

/** Training images that pull a sample towards one class. */
export const Pull = z.object({ label: ClassId, entries: z.array(InfluenceEntry) });

export const IssueEvidence = z.object({
  sampleId: SampleId,
  method: AttributionMethod.nullable(),
  towardsGiven: Pull,
  towardsSuggested: Pull,
});
export type IssueEvidence = z.infer<typeof IssueEvidence>;

export const issues = service({
  name: 'issues',
  calls: {
    summary: call(nothing, IssueSummary),
    /** Ranked page. `state` 'open' leaves the decided ones out. */
    page: call(
      z.object({
        from: z.number().int().min(0).default(0),
        count: z.number().int().min(1).max(500).default(50),
        state: z.enum(['open', 'all']).default('all'),
      }),
      z.object({ total: z.number().int(), issues: z.array(Issue) }),
    ),
    evidence: call(z.object({ sampleId: SampleId }), IssueEvidence),
    /** Of the newest run; null where there is none, or where it was made before this was kept. */
    noise: call(nothing, NoiseMatrix.nullable()),
  },
  events: { changed: IssueSummary },
});

/** A finished attribution, told from the others. */
export const AttributionEntry = z.object({
  runId: RunId,
  modelId: ModelId,
  choices: AttributionChoices,
  createdAt: Timestamp,
});
export type AttributionEntry = z.infer<typeof AttributionEntry>;

export const InfluenceView = z.object({
  sampleId: SampleId,
  runId: RunId,
  modelId: ModelId,
  method: AttributionMethod,
  /** How the attribution was made. */
  choices: AttributionChoices,
  validity: Validity,
  selfInfluence: z.number().nullable(),
  proponents: z.array(InfluenceEntry),
  opponents: z.array(InfluenceEntry),
  /** All finished attributions that cover this image, this one among them; newest first. */
  attributions: z.array(AttributionEntry),
});
export type InfluenceView = z.infer<typeof InfluenceView>;

export const influence = service({
  name: 'influence',
  calls: {
    /** By the attribution of `runId` where it covers this image, else by the newest that does; null where none does. */
    of: call(
      z.object({ sampleId: SampleId, runId: RunId.nullable().default(null) }),
      InfluenceView.nullable(),
    ),
  },
  events: {},
});

/** Which images are exported. */
export const ExportScope = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('filter'), filter: SampleFilter }),
  z.object({ kind: z.literal('selection'), images: SampleSet }),
  z.object({ kind: z.literal('subset'), subsetId: SubsetId }),
]);
export type ExportScope = z.input<typeof ExportScope>;

export const exports = service({
  name: 'exports',
  calls: {
    /**
     * Images and their labels, in any of the formats. Written to a partial name, then renamed; a folder must not be there yet.
     * `sha256`: of the file, or of the folder's list of files.
     */
    labels: call(
      z.object({
        path: z.string().min(1),
        format: ExportFormat,
        onlyChanged: z.boolean().default(false),
        placement: FilePlacement.default('copy'),
        scope: ExportScope.default({ kind: 'all' }),
      }),
      z.object({ path: z.string(), rows: z.number().int(), sha256: z.string() }),
    ),
  },
  events: {},
});
