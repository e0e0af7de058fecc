/** @file What making a map would take. */
import type { MapConfig } from '../../../contract/maps-service.ts';
import type { Connection } from '../../storage/connection.ts';
import { listPresentSamples } from '../../storage/labelled-samples.ts';
import { FLOAT_BYTES, PROGRAM_BYTES, type Estimator } from './estimator.ts';

/** Numbers of an embedding, as most networks have them. */
const USUAL_COLUMNS = 512;
/** What neighbours, their graph and distances to search through hold. */
const SEARCH_BYTES = 150e6;
const EDGE_BYTES = 64;

export const mapEstimator: Estimator<MapConfig> = {
  work: (connection, { method, source }) => ({
    kind: `map ${method} of ${source}`,
    amount: countImages(connection),
  }),
  trainingSeconds: () => 0,
  resources: (connection, { method, neighbours }) => {
    const images = countImages(connection);
    const search = method === 'pca' ? 0 : SEARCH_BYTES + images * neighbours * EDGE_BYTES;
    return {
      memoryBytes: PROGRAM_BYTES + search + images * 64 * FLOAT_BYTES,
      // Embeddings in half precision, pixels, and two numbers for each place.
      diskBytes: images * (USUAL_COLUMNS * 2 + 1024 + 2 * FLOAT_BYTES),
    };
  },
};

function countImages(connection: Connection): number {
  return listPresentSamples(connection).length;
}
