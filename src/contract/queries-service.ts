/** @file Query images: made by a model of the project, or files from elsewhere; and which training images stand behind each. */
import { z } from 'zod';
import { AttributionCost } from './attribution-choices.ts';
import { Validity } from './evaluations-service.ts';
import { DiffusionChoices } from './generation-configs.ts';
import { InfluenceEntry } from './runs-service.ts';
import { call, service } from './service.ts';
import { ClassId, ModelId, nothing, QueryId, RunId, Timestamp } from './vocabulary.ts';

/** What a manifest of content credentials (C2PA) in a file says. Its signature was not checked. */
export const ContentCredentials = z.object({
  /** The program that wrote it: 'Adobe Firefly'. */
  claimGenerator: z.string().nullable(),
  title: z.string().nullable(),
  /** 'c2pa.created', with what made it. */
  actions: z.array(
    z.object({
      action: z.string(),
      softwareAgent: z.string().nullable(),
      digitalSourceType: z.string().nullable(),
    }),
  ),
  /** Names of all assertions of the active manifest. */
  assertions: z.array(z.string()),
  manifestCount: z.number().int(),
});
export type ContentCredentials = z.infer<typeof ContentCredentials>;

/** What a file says of itself. Anybody can write that into a file: nothing of it was verified. */
export const FileClaims = z.object({
  /** The program that it says made it, where the form of its notes tells. */
  generator: z.string().nullable(),
  /** Generation parameters by name: 'prompt', 'steps', 'seed'; of ComfyUI the whole prompt and workflow. */
  parameters: z.array(z.object({ name: z.string(), value: z.string() })),
  /** IPTC's word for how it came to be: 'trainedAlgorithmicMedia'. */
  digitalSourceType: z.string().nullable(),
  contentCredentials: ContentCredentials.nullable(),
  /** What could not be read of it, and why. */
  problems: z.array(z.string()),
});
export type FileClaims = z.infer<typeof FileClaims>;

export const QueryImage = z.object({
  id: QueryId,
  /** For a person: 'model 3, seed 0, image 12', or the file's name. */
  name: z.string(),
  origin: z.enum(['generated', 'file']),
  /** The model and the run that made it; null for files. */
  modelId: ModelId.nullable(),
  runId: RunId.nullable(),
  /** What it was made with, by name; empty for files. */
  generation: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  /** The class that the model was told. */
  classId: ClassId.nullable(),
  sha256: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  /** What the file says of itself, unverified; null: nothing, or it was made here. */
  claimed: FileClaims.nullable(),
  createdAt: Timestamp,
});
export type QueryImage = z.infer<typeof QueryImage>;

/** A finished attribution of query images, told from the others. */
export const QueryAttributionEntry = z.object({
  runId: RunId,
  modelId: ModelId,
  choices: DiffusionChoices,
  cost: AttributionCost.nullable(),
  createdAt: Timestamp,
});
export type QueryAttributionEntry = z.infer<typeof QueryAttributionEntry>;

export const QueryInfluence = z.object({
  queryId: QueryId,
  runId: RunId,
  modelId: ModelId,
  choices: DiffusionChoices,
  /** What was measured about scores made like these on this model. */
  validity: Validity,
  proponents: z.array(InfluenceEntry),
  opponents: z.array(InfluenceEntry),
  /** All finished attributions that cover this query, newest first. */
  attributions: z.array(QueryAttributionEntry),
});
export type QueryInfluence = z.infer<typeof QueryInfluence>;

export const queries = service({
  name: 'queries',
  calls: {
    /** Newest first. */
    list: call(nothing, z.array(QueryImage)),
    /** Copies these image files into the project; those that cannot be read are named with their reason. */
    addFiles: call(
      z.object({ paths: z.array(z.string().min(1)).min(1).max(10_000) }),
      z.object({
        added: z.array(QueryId),
        problems: z.array(z.object({ path: z.string(), reason: z.string() })),
      }),
    ),
    remove: call(z.object({ ids: z.array(QueryId) }), z.null()),
    /**
     * Says under which class or text images from files were made, as far as a person knows; null: not known. What a conditional model is told of them when it is
     * asked. Refused for images that were made here, of which it is known.
     */
    tell: call(
      z.object({
        ids: z.array(QueryId).min(1),
        classId: ClassId.nullable().default(null),
        prompt: z.string().max(10_000).nullable().default(null),
      }),
      z.null(),
    ),
    /** The sheets of images that a training has made so far, by step; also while it goes on. */
    sheets: call(z.object({ runId: RunId }), z.array(z.number().int())),
    sheet: call(
      z.object({ runId: RunId, step: z.number().int() }),
      z.object({ bytes: z.instanceof(Uint8Array), type: z.string() }),
    ),
    /** The image as PNG. */
    image: call(z.object({ id: QueryId }), z.object({ bytes: z.instanceof(Uint8Array), type: z.string() })),
    /** By the attribution of `runId` where it covers the query, else by the newest that does; null where none does. */
    influence: call(
      z.object({ id: QueryId, runId: RunId.nullable().default(null) }),
      QueryInfluence.nullable(),
    ),
  },
  events: { changed: z.object({ count: z.number().int() }) },
});
