/** @file What looking for copies would take. */
import type { FindCopiesConfig } from '../../../contract/cases-service.ts';
import { listPresentSamples } from '../../storage/labelled-samples.ts';
import { readQueries } from '../../storage/queries.ts';
import { PROGRAM_BYTES, type Estimator } from './estimator.ts';

/** Control images that are asked about beside the queries. */
const CONTROLS = 25;
/** A picture on the grid of the search, two hashes, and the image's row of the database. */
const SEARCHED_BYTES = 800;
/** One product of windows and its factors. */
const PRODUCT_BYTES = 100e6;
/** Measures and an embedding in half precision. */
const KEPT_BYTES = 2200;

export const copiesEstimator: Estimator<FindCopiesConfig> = {
  // Measuring and embedding an image takes about as long as laying one candidate over a query.
  work: (connection, { modelId, queries, aligned }) => ({
    kind: `find-copies by ${modelId === null ? 'pixels' : 'model'}`,
    amount:
      listPresentSamples(connection).length + (readQueries(connection, queries).length + CONTROLS) * aligned,
  }),
  trainingSeconds: () => 0,
  resources: (connection) => {
    const images = listPresentSamples(connection).length;
    return {
      memoryBytes: PROGRAM_BYTES + PRODUCT_BYTES + images * SEARCHED_BYTES,
      diskBytes: images * KEPT_BYTES,
    };
  },
};
