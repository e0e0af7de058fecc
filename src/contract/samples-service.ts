/** @file The images: filtered pages of tiles, one image in full, thumbnails. */
import { z } from 'zod';
import { SampleSet } from './sample-set.ts';
import { CulpritFlag } from './culprits.ts';
import { call, service } from './service.ts';
import {
  ClassId,
  ColumnId,
  DecisionAction,
  ModelId,
  SampleId,
  SampleTile,
  Split,
  SubsetId,
  TagId,
  Timestamp,
} from './vocabulary.ts';

/** Values of one column: any of `values`, or a number between both ends; an end that is missing is open. */
export const ColumnCondition = z.object({
  columnId: ColumnId,
  values: z.array(z.string()).default([]),
  from: z.number().nullable().default(null),
  to: z.number().nullable().default(null),
});

/** A field, named as in a query, is a number between both ends; an end that is null is open. */
export const FieldRange = z.object({
  field: z.string().max(400),
  from: z.number().nullable().default(null),
  to: z.number().nullable().default(null),
});

/** Longer than anyone writes. */
const MOST_QUERY_CHARACTERS = 4000;

/** All conditions hold together; an empty list or a missing field is no condition. */
export const SampleFilter = z.object({
  /** Every word stands in the path, the label, a tag or a column. */
  text: z.string().default(''),
  /** In the query language (docs/query.md). */
  query: z.string().max(MOST_QUERY_CHARACTERS).default(''),
  labels: z.array(ClassId).default([]),
  splits: z.array(Split).default([]),
  decisions: z.array(z.enum([...DecisionAction.options, 'none'])).default([]),
  /** Only images flagged by the newest issue run. */
  onlyIssues: z.boolean().default(false),
  onlyMissing: z.boolean().default(false),
  /** Only images that are left out of trainings. */
  onlyExcluded: z.boolean().default(false),
  /** Only images for which the newest issue run suggests one of these classes. */
  suggestedLabels: z.array(ClassId).default([]),
  /** Images with any of these tags. */
  tags: z.array(TagId).default([]),
  columns: z.array(ColumnCondition).default([]),
  ranges: z.array(FieldRange).default([]),
  /** Only images of this subset. */
  subset: SubsetId.nullable().default(null),
});
export type SampleFilter = z.input<typeof SampleFilter>;

/** A column of imported tables, and what stands in it under a filter. */
export const ColumnFacet = z.object({
  id: ColumnId,
  name: z.string(),
  /** Its name as a query and an order take it. */
  field: z.string(),
  /** number: every value in it is one. */
  kind: z.enum(['text', 'number']),
  /** Different values in the whole project. */
  valueCount: z.number().int(),
  /** The commonest values under the filter, most images first; of numbers with many values none. */
  values: z.array(z.object({ value: z.string(), count: z.number().int() })),
  /** Of numbers: the smallest and largest in the whole project. */
  range: z.object({ from: z.number(), to: z.number() }).nullable(),
});
export type ColumnFacet = z.infer<typeof ColumnFacet>;

/**
 * How many images each choice of the filter panel has. The counts of a group hold under the filter without that group's
 * own choices, so that they tell what choosing another value would show; `total` holds under the whole filter.
 */
export const SampleFacets = z.object({
  /** null: images without a label. */
  labels: z.array(z.object({ id: ClassId.nullable(), count: z.number().int() })),
  splits: z.array(z.object({ split: Split, count: z.number().int() })),
  decisions: z.array(
    z.object({ decision: z.enum([...DecisionAction.options, 'none']), count: z.number().int() }),
  ),
  tags: z.array(z.object({ id: TagId, count: z.number().int() })),
  columns: z.array(ColumnFacet),
  issues: z.number().int(),
  missing: z.number().int(),
  excluded: z.number().int(),
  total: z.number().int(),
});
export type SampleFacets = z.infer<typeof SampleFacets>;

/** Images without a value come last, ties in the order of import. */
export const SampleOrder = z.object({
  /** 'import', or a field as a query names it: `label_score`, `predicted(3)`, a column. */
  by: z.string().max(400).default('import'),
  descending: z.boolean().default(false),
});
export type SampleOrder = z.output<typeof SampleOrder>;

/** How many images lie in each part, of equal width, between the smallest and the largest value in the project. */
export const SampleHistogram = z.object({
  field: z.string(),
  from: z.number(),
  to: z.number(),
  counts: z.array(z.number().int()),
});
export type SampleHistogram = z.infer<typeof SampleHistogram>;

/** Something that may stand at the cursor in a query. */
export const QueryCompletion = z.object({
  /** That is put into the query. */
  text: z.string(),
  /** That is shown, and that typing narrows. */
  label: z.string(),
  note: z.string(),
  kind: z.enum(['field', 'operator', 'value', 'word']),
  /** Images that have the value; null: not counted. */
  count: z.number().int().nullable(),
});
export type QueryCompletion = z.infer<typeof QueryCompletion>;

export const QueryCompletions = z.object({
  /** The characters of the query that a completion replaces. */
  from: z.number().int(),
  to: z.number().int(),
  items: z.array(QueryCompletion),
  /** Why the whole query cannot be answered, and at which character, from 0; null where it can. */
  error: z.object({ reason: z.string(), at: z.number().int() }).nullable(),
});
export type QueryCompletions = z.infer<typeof QueryCompletions>;

/** One prediction of a model for a sample, made by a model that did not train on it where `outOfSample`. */
export const SamplePrediction = z.object({
  modelId: ModelId,
  outOfSample: z.boolean(),
  probabilities: z.array(z.object({ classId: ClassId, probability: z.number() })),
});

export const SampleDetail = SampleTile.extend({
  sha256: z.string(),
  bytes: z.number(),
  format: z.string(),
  importedAt: Timestamp,
  absolutePath: z.string(),
  prediction: SamplePrediction.nullable(),
  /** What imported tables say of it. */
  columns: z.array(z.object({ columnId: ColumnId, name: z.string(), value: z.string() })),
  /** What it is flagged for as a culprit, oldest first; none where it does not have that tag. */
  flags: z.array(CulpritFlag),
  history: z.array(z.object({ at: Timestamp, reviewer: z.string(), text: z.string() })),
});
export type SampleDetail = z.infer<typeof SampleDetail>;

export const ThumbnailSize = z.union([z.literal(96), z.literal(256)]);
export type ThumbnailSize = z.infer<typeof ThumbnailSize>;

export const samples = service({
  name: 'samples',
  calls: {
    /** Ids of every matching image in order: the grid's backbone. 4 bytes an image. */
    query: call(
      z.object({ filter: SampleFilter, order: SampleOrder.prefault({}) }),
      z.object({ ids: z.instanceof(Int32Array), elapsedMs: z.number() }),
    ),
    /** While a query is being written. */
    complete: call(
      z.object({ query: z.string().max(MOST_QUERY_CHARACTERS), cursor: z.number().int().min(0) }),
      QueryCompletions,
    ),
    facets: call(z.object({ filter: SampleFilter }), SampleFacets),
    /** One of each field that a query knows as a number, under the filter without the field's own condition; null: no image has a value. */
    histograms: call(
      z.object({
        filter: SampleFilter,
        fields: z.array(z.string().max(400)).max(50),
        bins: z.number().int().min(1).max(200).default(32),
      }),
      z.array(SampleHistogram.nullable()),
    ),
    /** What an order goes by, of each of these images: the name of a class, a number, a text, by import its time; null: it has none. */
    orderValues: call(
      z.object({ by: SampleOrder.shape.by, ids: z.array(SampleId).max(500) }),
      z.array(z.union([z.string(), z.number()]).nullable()),
    ),
    tiles: call(z.object({ ids: z.array(SampleId).max(500) }), z.array(SampleTile)),
    get: call(z.object({ id: SampleId }), SampleDetail),
    /** Encoded WebP of at most `size` pixels on the longer side. */
    thumbnail: call(
      z.object({ id: SampleId, size: ThumbnailSize }),
      z.object({ bytes: z.instanceof(Uint8Array), type: z.string() }),
    ),
    /** Those of them that are stored, in the order of the ids; null: it has an address, and is made when that is asked for. */
    thumbnails: call(
      z.object({ ids: z.array(SampleId).max(500), size: ThumbnailSize }),
      z.array(z.object({ bytes: z.instanceof(Uint8Array), type: z.string() }).nullable()),
    ),
    /** The original, re-encoded only where a browser cannot show its format. */
    image: call(z.object({ id: SampleId }), z.object({ bytes: z.instanceof(Uint8Array), type: z.string() })),
  },
  events: {
    /** Labels or decisions of these images changed. */
    changed: z.object({ images: SampleSet }),
  },
});
