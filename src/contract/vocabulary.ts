/** @file Schemas that several services share. */
import { z } from 'zod';

export const nothing = z.undefined();

/** Ids are positive integers made by the project's database. */
const id = z.number().int().positive();
export const SampleId = id.brand<'SampleId'>();
export type SampleId = z.infer<typeof SampleId>;
export const ClassId = id.brand<'ClassId'>();
export type ClassId = z.infer<typeof ClassId>;
export const RunId = id.brand<'RunId'>();
export type RunId = z.infer<typeof RunId>;
export const ModelId = id.brand<'ModelId'>();
export type ModelId = z.infer<typeof ModelId>;
export const SubsetId = id.brand<'SubsetId'>();
export type SubsetId = z.infer<typeof SubsetId>;
/** An image that is asked about: made by a model here, or a file from elsewhere. */
export const QueryId = id.brand<'QueryId'>();
export type QueryId = z.infer<typeof QueryId>;
/** A map of the images. */
export const MapId = id.brand<'MapId'>();
export type MapId = z.infer<typeof MapId>;
export const GroupId = id.brand<'GroupId'>();
export type GroupId = z.infer<typeof GroupId>;
/** A word that people give to images; an image may have many. */
export const TagId = id.brand<'TagId'>();
export type TagId = z.infer<typeof TagId>;
/** A copyright review. */
export const CaseId = id.brand<'CaseId'>();
export type CaseId = z.infer<typeof CaseId>;
/** A column of imported tables, beside path, label and split. */
export const ColumnId = id.brand<'ColumnId'>();
export type ColumnId = z.infer<typeof ColumnId>;
/** A filter and an order that were saved by name. */
export const ViewId = id.brand<'ViewId'>();
export type ViewId = z.infer<typeof ViewId>;
export const EventId = id.brand<'EventId'>();
export type EventId = z.infer<typeof EventId>;

export const Split = z.enum(['train', 'val', 'test']);
export type Split = z.infer<typeof Split>;

/** ISO 8601, UTC. */
export const Timestamp = z.string();

/** What a reviewer decided about a sample's label. */
export const DecisionAction = z.enum(['keep', 'accept', 'other', 'skip']);
export type DecisionAction = z.infer<typeof DecisionAction>;

export const ClassEntry = z.object({ id: ClassId, name: z.string(), sampleCount: z.number().int() });
export type ClassEntry = z.infer<typeof ClassEntry>;

export const TagEntry = z.object({ id: TagId, name: z.string(), sampleCount: z.number().int() });
export type TagEntry = z.infer<typeof TagEntry>;

/** One image as the grid shows it. */
export const SampleTile = z.object({
  id: SampleId,
  path: z.string(),
  split: Split,
  /** As imported; null: unlabelled. */
  givenLabel: ClassId.nullable(),
  /** After the reviewers' decisions; equal to `givenLabel` where nothing was changed. */
  label: ClassId.nullable(),
  decision: DecisionAction.nullable(),
  tags: z.array(TagId),
  width: z.number().int(),
  height: z.number().int(),
  /** The file was gone at the last import. */
  missing: z.boolean(),
});
export type SampleTile = z.infer<typeof SampleTile>;
