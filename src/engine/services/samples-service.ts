/** @file The images: filtered, counted, shown. */
import type { samples } from '../../contract/samples-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { completeQuery } from '../storage/query-completions.ts';
import { MatchedImages } from '../storage/matched-images.ts';
import { countFacets } from '../storage/sample-facets.ts';
import { countHistogram } from '../storage/sample-histograms.ts';
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
    facets: ({ filter }) => countFacets(context.project.connection, filter),
    histograms: ({ filter, fields, bins }) => {
      const { connection } = context.project;
      const matched = new MatchedImages(connection);
      return fields.map((field) => countHistogram(connection, filter, field, bins, matched));
    },
    orderValues: ({ by, ids }) => readOrderValues(context.project.connection, by, ids),
    tiles: ({ ids }) => readTiles(context.project.connection, ids),
    get: ({ id }) => readSampleDetail(context.project.connection, id),
    thumbnail: ({ id, size }) => assets.thumbnail(id, size),
    image: ({ id }) => assets.image(id),
  };
}
