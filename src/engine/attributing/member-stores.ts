/** @file The feature stores of one member of an ensemble: each addressed by everything that its numbers depend on, filled where missing. */
import { createHash } from 'node:crypto';
import type { OutputFunction } from '../../core/attribution/method.ts';
import type { Projection } from '../../core/nn/projection.ts';
import { FeatureStore, type FeatureRows } from '../artifacts/feature-store.ts';
import type { AttributionWork } from './attribution-work.ts';
import { FeatureComputer, sideColumns } from './compute-features.ts';
import type { LabelledRow, LoadedModel } from './loaded-model.ts';
import type { MemberModel } from './member-model.ts';

/** What is computed of an image: its features; or, where these do not count, only what stands beside them. */
export interface StoredQuantity {
  readonly outputFunction: OutputFunction;
  readonly projection: Projection;
  readonly sideOnly: boolean;
}

/** Rows of a store without features, which would otherwise not say how many belong into a file. */
const SIDE_ROWS_PER_SHARD = 8192;

/** The whole store of these rows. `onProgress` hears how many of them are there. */
export async function fillStore(
  work: AttributionWork,
  member: MemberModel,
  quantity: StoredQuantity,
  rows: readonly LabelledRow[],
  onProgress: (rowsDone: number) => void,
): Promise<FeatureStore> {
  const { model, tools, folder, context } = work;
  const { outputFunction, projection, sideOnly } = quantity;
  const computer = new FeatureComputer(
    tools.executor,
    {
      classifier: member.network,
      parameters: member.readParameters(),
      normalization: model.normalization,
      pixels: model.pixels,
    },
    { outputFunction, projection },
  );
  try {
    const store = FeatureStore.open(folder.featuresPath, {
      model: member.identity,
      outputFunction,
      projection,
      dataVersion: dataVersionOf(model, rows),
      rowIds: rows.map((row) => row.sampleId),
      columns: sideOnly ? 0 : await computer.columns(),
      sideColumns: [...sideColumns],
      ...(sideOnly ? { dtype: 'float32', rowsPerShard: SIDE_ROWS_PER_SHARD } : { dtype: 'float16' }),
    });
    store.discardDamaged();
    await store.fill(
      async ({ from, to }) => {
        const computed = await computer.compute(rows.slice(from, to), context.signal);
        return sideOnly ? withoutFeatures(computed) : computed;
      },
      { signal: context.signal, onProgress },
    );
    return store;
  } finally {
    await computer.dispose();
  }
}

function withoutFeatures({ side }: FeatureRows): FeatureRows {
  return { features: new Float32Array(0), side };
}

function dataVersionOf(
  { samples, pixels, normalization }: LoadedModel,
  rows: readonly LabelledRow[],
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ size: pixels.size, channels: pixels.channels, normalization }));
  for (const { row, classIndex } of rows) hash.update(`${samples[row]!.sha256} ${classIndex}\n`);
  return hash.digest('hex');
}
