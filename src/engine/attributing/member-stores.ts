/** @file The feature stores of one member of an ensemble: each addressed by everything that its numbers depend on, filled where missing. */
import { createHash } from 'node:crypto';
import type { OutputFunction } from '../../core/attribution/method.ts';
import type { Projection } from '../../core/nn/projection.ts';
import { FeatureStore } from '../artifacts/feature-store.ts';
import type { AttributionWork } from './attribution-work.ts';
import { FeatureComputer, sideColumns } from './compute-features.ts';
import type { LabelledRow, LoadedModel } from './loaded-model.ts';
import type { MemberModel } from './member-model.ts';
import { featureModelOf } from './member-network.ts';

/** What is computed of an image. 'none': no features, only what a forward pass says beside them. */
export interface StoredQuantity {
  readonly outputFunction: OutputFunction | 'none';
  readonly projection: Projection;
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
  const { outputFunction, projection } = quantity;
  const computer = new FeatureComputer(tools.executor, featureModelOf(work, member), quantity);
  try {
    const store = FeatureStore.open(folder.featuresPath, {
      model: member.identity,
      outputFunction,
      projection,
      dataVersion: dataVersionOf(model, rows),
      rowIds: rows.map((row) => row.sampleId),
      columns: await computer.columns(),
      sideColumns: [...sideColumns],
      ...(outputFunction === 'none'
        ? { dtype: 'float32', rowsPerShard: SIDE_ROWS_PER_SHARD }
        : { dtype: 'float16' }),
    });
    store.discardDamaged();
    await store.fill(({ from, to }) => computer.compute(rows.slice(from, to), context.signal), {
      signal: context.signal,
      onProgress,
    });
    return store;
  } finally {
    await computer.dispose();
  }
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
