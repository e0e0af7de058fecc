/** @file What leaving clusters out of the training images really does, by training again. */
import { goodnessOf } from '../../core/evaluation/measured-outputs.ts';
import { zeros64, type Matrix64 } from '../../core/linalg/matrix.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { retrainAndPredict, type RetrainWork } from '../evaluating/retrain.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { EvaluateDatamodelConfig } from '../../contract/datamodel-configs.ts';

export interface RemovalTruth {
  /** F(all) − F(without the cluster), [queries, removed clusters], one per repeat: positive where the cluster helps. */
  readonly effects: readonly Matrix64[];
  /** Seconds of all trainings that were done now; none of those that were kept from before. */
  readonly seconds: number;
}

/** Both trainings of a repeat draw from the same stream, which is none of the model's own: what they share is no merit of a method. */
export async function measureRemovals(
  work: RetrainWork,
  assignment: Int32Array,
  clusters: readonly number[],
  { repeats, measured }: Pick<EvaluateDatamodelConfig, 'repeats' | 'measured'>,
  queries: readonly LabelledRow[],
  { progress }: Pick<RunContext, 'progress'>,
): Promise<RemovalTruth> {
  const { learned } = work.model;
  const rows = Int32Array.from(queries, ({ row }) => row);
  const classes = queries.map(({ classIndex }) => classIndex);
  const started = performance.now();
  const total = repeats * (clusters.length + 1);
  let done = 0;
  const goodness = async (stage: string, cluster: number, repeat: number): Promise<Float64Array> => {
    const report = (fraction: number): void => progress(stage, (done + fraction) / total);
    const kept = learned.filter((_, place) => assignment[place] !== cluster);
    const retraining = {
      rows: Int32Array.from(kept, ({ row }) => row),
      stream: `cluster removal, repeat ${repeat}`,
      onProgress: report,
    };
    report(0);
    const logits = await retrainAndPredict(work, retraining, rows);
    done++;
    return goodnessOf(logits, classes, measured);
  };
  const effects: Matrix64[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const whole = await goodness('Training on all images', -1, repeat);
    const effect = zeros64(queries.length, clusters.length);
    for (const [column, cluster] of clusters.entries()) {
      const stage = `Leaving out cluster ${column + 1} of ${clusters.length}, ${repeat + 1} of ${repeats}`;
      const without = await goodness(stage, cluster, repeat);
      for (const [query, value] of whole.entries())
        effect.data[query * clusters.length + column] = value - without[query]!;
    }
    effects.push(effect);
  }
  return { effects, seconds: (performance.now() - started) / 1000 };
}
