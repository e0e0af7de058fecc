/** @file From embeddings to places on a plane: principal components, then UMAP where it is asked for. */
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import type { RowBlocks } from '../../core/linalg/gram.ts';
import type { MatrixEngine } from '../../core/linalg/matrix-engine.ts';
import { zeros32, type Matrix, type Matrix32 } from '../../core/linalg/matrix.ts';
import { nearestRows } from '../../core/linalg/nearest-rows.ts';
import {
  findPrincipalComponents,
  projectRows,
  type PrincipalComponents,
} from '../../core/linalg/principal-components.ts';
import { widen } from '../../core/linalg/rows.ts';
import { unitRows } from '../../core/linalg/unit-rows.ts';
import { neighbourGraph } from '../../core/mapping/neighbour-graph.ts';
import { UmapLayout } from '../../core/mapping/umap-layout.ts';
import type { MapConfig } from '../../contract/maps-service.ts';
import type { FeatureStore } from '../artifacts/feature-store.ts';
import { partOf } from '../attributing/progress-part.ts';
import type { RunContext } from '../runs/run-context.ts';

/** Directions that neighbours are searched along: more hold little but noise, and the time of the search grows with them. */
const SEARCHED_DIRECTIONS = 50;
/** Beyond this many images fewer passes do: each has more pulls. */
const MANY_IMAGES = 10_000;

type Reporting = Pick<RunContext, 'signal' | 'progress'>;

export interface LaidOut {
  /** x, y of each row. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** Share of the variance that both axes hold; null where axes have no such meaning. */
  readonly shownVariance: number | null;
}

/** Of a store: its rows, block by block. */
type StoredRows = Pick<FeatureStore, 'blocks' | 'rowCount'>;

export async function layOut(
  store: StoredRows,
  config: MapConfig,
  engine: MatrixEngine,
  context: Reporting,
): Promise<LaidOut> {
  const blocks = (): RowBlocks => comparedRows(store, config.distance);
  context.progress('Finding the main directions', 0);
  const random = new Random(config.seed, 'map/components');
  const count = config.method === 'pca' ? 2 : SEARCHED_DIRECTIONS;
  const components = await findPrincipalComponents(blocks, count, engine, random);
  const rows = await collectProjected(blocks(), store.rowCount, components, engine, context);
  const plane = firstTwo(rows);
  if (config.method === 'pca') return { positions: plane, shownVariance: shareOf(components) };
  const positions = await umap(rows, plane, config, engine, partOf(context, 0.1, 1));
  return { positions, shownVariance: null };
}

function* comparedRows(store: StoredRows, distance: MapConfig['distance']): Generator<Matrix> {
  for (const block of store.blocks()) {
    const rows = widen(block);
    yield distance === 'cosine' ? unitRows(rows) : rows;
  }
}

async function collectProjected(
  blocks: RowBlocks,
  rowCount: number,
  components: PrincipalComponents,
  engine: MatrixEngine,
  context: Reporting,
): Promise<Matrix32> {
  const all = zeros32(rowCount, components.directions.rows);
  let row = 0;
  for await (const block of blocks) {
    throwIfCancelled(context.signal);
    const projected = await projectRows(widen(block), components, engine);
    all.data.set(projected.data, row * all.columns);
    row += block.rows;
  }
  return all;
}

/** Rows of one column have no second: it is zero. */
function firstTwo({ rows, columns, data }: Matrix32): Float32Array<ArrayBuffer> {
  const plane = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    plane[2 * row] = data[row * columns]!;
    plane[2 * row + 1] = columns > 1 ? data[row * columns + 1]! : 0;
  }
  return plane;
}

function shareOf({ variances, totalVariance }: PrincipalComponents): number {
  return totalVariance === 0 ? 1 : ((variances[0] ?? 0) + (variances[1] ?? 0)) / totalVariance;
}

/** The event loop turns between blocks and passes, so that a person can cancel. */
async function umap(
  rows: Matrix32,
  start: Float32Array,
  { neighbours, epochs, leastDistance, seed }: MapConfig,
  engine: MatrixEngine,
  context: Reporting,
): Promise<Float32Array<ArrayBuffer>> {
  const turn = async (): Promise<void> => {
    await setImmediate();
    throwIfCancelled(context.signal);
  };
  const near = await nearestRows(rows, neighbours, {
    engine,
    onRows: async (done) => {
      context.progress('Finding neighbours', (0.3 * done) / rows.rows, { images: done });
      await turn();
    },
  });
  const layout = new UmapLayout(neighbourGraph(near), start, {
    epochs: epochs === 0 ? (rows.rows <= MANY_IMAGES ? 500 : 200) : epochs,
    leastDistance,
    random: new Random(seed, 'map/umap'),
  });
  for (let epoch = 0; epoch < layout.epochs;) {
    epoch = layout.step();
    context.progress(`Laying out, pass ${epoch} of ${layout.epochs}`, 0.3 + (0.7 * epoch) / layout.epochs);
    await turn();
  }
  return Float32Array.from(layout.positions);
}
