/** @file Groups of training images, and how much query images depend on each. */
import { z } from 'zod';
import { AttributionCost } from './attribution-choices.ts';
import { AttributeGroupsConfig } from './generation-configs.ts';
import { SomeSamples } from './sample-set.ts';
import { UndoState } from './labels-service.ts';
import { SampleFilter } from './samples-service.ts';
import { call, service } from './service.ts';
import { GroupId, ModelId, nothing, QueryId, RunId, SampleId, Timestamp } from './vocabulary.ts';

/** What a group was made of. Later changes of labels do not move its images; people may add some or take some out. */
export const GroupKind = z.enum(['class', 'folder', 'tag', 'column', 'filter', 'selection', 'subset']);
export type GroupKind = z.infer<typeof GroupKind>;

export const Group = z.object({
  id: GroupId,
  name: z.string(),
  kind: GroupKind,
  /** For a person: 'label coat', 'folder artists/monet'. */
  definition: z.string(),
  memberCount: z.number().int(),
  /** Members whose file was not there at the last import: they stay members, and no model learns from them meanwhile. */
  missingCount: z.number().int(),
  /** A finished attribution estimated something of it, as it was then. */
  attributed: z.boolean(),
  /** A few members, for a picture of it. */
  examples: z.array(SampleId),
  createdAt: Timestamp,
});
export type Group = z.infer<typeof Group>;

/** Two groups that share images. */
export const GroupOverlap = z.object({ first: GroupId, second: GroupId, shared: z.number().int() });
export type GroupOverlap = z.infer<typeof GroupOverlap>;

/** What defines a new group: the images of the train split that match. */
export const GroupRule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('filter'), filter: SampleFilter }),
  z.object({ kind: z.literal('selection'), images: SomeSamples }),
]);

/** What a group for each is defined by. */
export const EachRule = z.object({
  by: z.enum(['class', 'folder', 'tag', 'column']),
  /** Levels of folders that tell groups apart; null: the fewest that tell any apart. */
  folderDepth: z.number().int().min(1).max(8).nullable().default(null),
  /** By column: its name in the imported tables. */
  column: z.string().nullable().default(null),
});
export type EachRule = z.input<typeof EachRule>;

/** Groups as they would be defined. */
export const GroupPreview = z.object({
  /** That groups are told apart by; null: they are no folders. */
  folderDepth: z.number().int().nullable(),
  groups: z.array(Group.pick({ name: true, definition: true, memberCount: true, missingCount: true })),
});
export type GroupPreview = z.infer<typeof GroupPreview>;

/** Of one query and one group. */
export const GroupScore = z.object({
  groupId: GroupId,
  /** Nats of the evidence bound that the query loses without the group; of summed scores, their sum. Positive: the group helps. */
  raw: z.number(),
  /** The same per image of the group. */
  perImage: z.number(),
  /** Standard deviation over repeats; null: one. */
  deviation: z.number().nullable(),
  /** Share of random groups of its size that score less, 0…1; null without controls. */
  percentile: z.number().nullable(),
  /** Probability of such a score of a random group of its size, corrected for the number of groups; null without controls. */
  pValue: z.number().nullable(),
  /** Between which 5th and 95th percentile random groups of its size lie, as raw scores; null without controls. */
  band: z.object({ low: z.number(), median: z.number(), high: z.number() }).nullable(),
  standsOut: z.boolean(),
  /** Part of all positive score that it has beyond a random group, where it stands out, else 0; null without controls. */
  share: z.number().nullable(),
});
export type GroupScore = z.infer<typeof GroupScore>;

export const QueryGroupScores = z.object({
  queryId: QueryId,
  /** In the order of the attribution's groups. */
  scores: z.array(GroupScore),
  /** 'Diffuse / not attributed': what the shares leave over; null without controls. */
  unattributed: z.number().nullable(),
  /** diffuse: no group stands out; undecided: none could, with so few controls; null without any. */
  verdict: z.enum(['attributed', 'diffuse', 'undecided']).nullable(),
});
export type QueryGroupScores = z.infer<typeof QueryGroupScores>;

/** What shows whether an attribution can be trusted. */
export const GroupControl = z.object({
  name: z.enum(['random-groups', 'unrelated-query', 'held-out-image', 'under-unlearning', 'over-unlearning']),
  /** null: it could not be checked. */
  met: z.boolean().nullable(),
  /** For a person: what was expected and what was found. */
  finding: z.string(),
});
export type GroupControl = z.infer<typeof GroupControl>;

export const GroupAttributionEntry = z.object({
  runId: RunId,
  modelId: ModelId,
  choices: AttributeGroupsConfig,
  groupCount: z.number().int(),
  queryCount: z.number().int(),
  cost: AttributionCost.nullable(),
  createdAt: Timestamp,
});
export type GroupAttributionEntry = z.infer<typeof GroupAttributionEntry>;

export const GroupAttribution = GroupAttributionEntry.extend({
  /** As they were then. `changed`: the group has other images now. */
  groups: z.array(
    z.object({
      groupId: GroupId,
      name: z.string(),
      size: z.number().int(),
      changed: z.boolean().default(false),
    }),
  ),
  queries: z.array(QueryGroupScores),
  controls: z.array(GroupControl),
  overlaps: z.array(GroupOverlap),
});
export type GroupAttribution = z.infer<typeof GroupAttribution>;

export const groups = service({
  name: 'groups',
  calls: {
    list: call(nothing, z.array(Group)),
    overlaps: call(nothing, z.array(GroupOverlap)),
    define: call(z.object({ name: z.string().min(1).max(200), rule: GroupRule }), GroupId),
    /** One group for each class, folder, tag, or value of a column; those that are there already are left as they are. */
    defineEach: call(EachRule, z.array(GroupId)),
    /** What `defineEach` would define; none where there is nothing to make groups of. */
    previewEach: call(EachRule, GroupPreview),
    rename: call(z.object({ id: GroupId, name: z.string().min(1).max(200) }), z.null()),
    remove: call(z.object({ ids: z.array(GroupId) }), z.null()),
    members: call(z.object({ id: GroupId }), z.object({ ids: z.instanceof(Int32Array) })),
    /**
     * Adds images of the train split to a group, or takes images out: an event that is undone like a decision. `changed`: images that
     * were not in it, or were. A group keeps at least one image.
     */
    change: call(
      z.object({ id: GroupId, images: SomeSamples, added: z.boolean() }),
      UndoState.extend({ changed: z.number().int() }),
    ),
    /** The groups that hold any of these images, and how many of them. */
    holding: call(
      z.object({ images: SomeSamples }),
      z.array(z.object({ groupId: GroupId, count: z.number().int() })),
    ),
    /** Finished attributions, newest first. */
    attributions: call(nothing, z.array(GroupAttributionEntry)),
    attribution: call(z.object({ runId: RunId }), GroupAttribution),
  },
  events: { changed: z.object({ count: z.number().int() }) },
});
