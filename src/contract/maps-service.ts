/** @file Maps of the images: each a point, those that look alike near each other. */
import { z } from 'zod';
import { EmbeddingChoices } from './embedding-choices.ts';
import { ProviderChoice } from './engine-service.ts';
import { call, service } from './service.ts';
import { ColumnId, MapId, nothing, RunId, Timestamp } from './vocabulary.ts';

export const MapMethod = z.enum(['umap', 'pca']);
export type MapMethod = z.infer<typeof MapMethod>;

export const MapConfig = EmbeddingChoices.extend({
  method: MapMethod.default('umap').describe(
    'umap: keeps neighbours together; pca: the two directions along which the images differ most, exact and fast',
  ),
  distance: z
    .enum(['cosine', 'euclidean'])
    .default('cosine')
    .describe('how embeddings are compared: by their direction alone, or by their length as well'),
  neighbours: z
    .number()
    .int()
    .min(2)
    .max(100)
    .default(15)
    .describe('for umap: neighbours that are kept together; few show small clumps, many the broad order'),
  leastDistance: z
    .number()
    .min(0)
    .max(0.99)
    .default(0.1)
    .describe('for umap: how tightly points may lie; 0 packs them'),
  epochs: z
    .number()
    .int()
    .min(0)
    .max(2000)
    .default(0)
    .describe('for umap: passes over the neighbours; 0: 500 up to 10,000 images, 200 beyond'),
  seed: z.number().int().min(0).default(0).describe('equal seeds give equal maps'),
  name: z.string().max(100).default('').describe('name of the map; made from the choices where not given'),
  provider: ProviderChoice.default('auto').describe(
    'where it computes; auto: the fastest that passes a self-test against the CPU',
  ),
});
export type MapConfig = z.infer<typeof MapConfig>;

export const ImageMap = z.object({
  id: MapId,
  runId: RunId,
  name: z.string(),
  method: MapMethod,
  /** What the images are compared by, for a person: 'last layer of cnn'. */
  source: z.string(),
  imageCount: z.number().int(),
  /** Share of the embeddings' variance that both axes hold; null where axes have no such meaning. */
  shownVariance: z.number().nullable(),
  choices: MapConfig,
  createdAt: Timestamp,
});
export type ImageMap = z.infer<typeof ImageMap>;

/** What points are coloured by. */
export const MapColouring = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['label', 'given-label', 'split', 'decision', 'tag', 'group', 'exclusion', 'issue-score']),
  }),
  z.object({ kind: z.literal('column'), columnId: ColumnId }),
]);
export type MapColouring = z.infer<typeof MapColouring>;

/** One colour each: the commonest values, and the others together. */
export const MapCategories = z.object({
  kind: z.literal('categories'),
  /** Per point, a place in `entries`; −1: it has no value. */
  codes: z.instanceof(Int32Array),
  entries: z.array(z.object({ name: z.string(), count: z.number().int() })),
  /** Points without a value. */
  without: z.number().int(),
});
/** A scale from the smallest to the largest. */
export const MapNumbers = z.object({
  kind: z.literal('numbers'),
  /** Per point; NaN: it has no value. */
  values: z.instanceof(Float32Array),
  from: z.number(),
  to: z.number(),
  without: z.number().int(),
});
export const MapColours = z.discriminatedUnion('kind', [MapCategories, MapNumbers]);
export type MapColours = z.infer<typeof MapColours>;

export const maps = service({
  name: 'maps',
  calls: {
    /** Newest first. */
    list: call(nothing, z.array(ImageMap)),
    /** Twelve bytes an image. */
    points: call(
      z.object({ id: MapId }),
      z.object({
        sampleIds: z.instanceof(Int32Array),
        /** x, y of each. */
        positions: z.instanceof(Float32Array),
      }),
    ),
    /** As things stand now; in the order of the points. */
    colours: call(z.object({ id: MapId, by: MapColouring }), MapColours),
    rename: call(z.object({ id: MapId, name: z.string().min(1).max(100) }), z.null()),
    remove: call(z.object({ id: MapId }), z.null()),
  },
  events: { changed: z.null() },
});
