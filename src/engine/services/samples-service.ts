/** @file The images: filtered, counted, shown. */
import type { samples } from '../../contract/samples-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { completeQuery } from '../storage/query-completions.ts';
import { readOrderValues } from '../storage/order-values.ts';
import { querySamples, readSampleDetail, readTiles } from '../storage/samples.ts';
import type { Assets } from './assets.ts';
import type { EngineContext } from './engine-context.ts';

export function makeSamplesHandlers(context: EngineContext, assets: Assets): Handlers<typeof samples> {
  return {
    query: ({ filter, order }) => {
      const startedMs = performance.now();
      const ids = querySamples(context.project.connection, filter, order);
      return { ids, elapsedMs: performance.now() - startedMs };
    },
    complete: ({ query, cursor }) => completeQuery(context.project.connection, query, cursor),
    facets: (request) => context.project.counting.count('facets', request),
    histograms: (request) => context.project.counting.count('histograms', request),
    orderValues: ({ by, ids }) => readOrderValues(context.project.connection, by, ids),
    tiles: ({ ids }) => readTiles(context.project.connection, ids),
    get: ({ id }) => readSampleDetail(context.project.connection, id),
    thumbnail: ({ id, size }) => assets.thumbnail(id, size),
    thumbnails: ({ ids, size }) => assets.storedThumbnails(ids, size),
    image: ({ id }) => assets.image(id),
  };
}
