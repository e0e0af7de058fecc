/** @file What other ways to attribute say of whole clusters: the mean score of their images. */
import { zeros64, type Matrix64 } from '../../core/linalg/matrix.ts';
import type { AttributionChoices, AttributionCost } from '../../contract/attribution-choices.ts';
import { openAttribution } from '../attributing/attribution.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import type { EvaluationWork } from '../evaluating/evaluation-work.ts';

/** [queries, C]: the sum of each cluster's scores for each query. */
export async function clusterScores(
  { folder, model, context, tools }: EvaluationWork,
  choices: AttributionChoices,
  queries: readonly LabelledRow[],
  assignment: Int32Array,
  clusterCount: number,
): Promise<{ sums: Matrix64; cost: AttributionCost }> {
  const sums = zeros64(queries.length, clusterCount);
  const queryOf = new Map(queries.map(({ sampleId }, query) => [sampleId, query]));
  const attribution = await openAttribution(folder, model, choices, context, tools);
  try {
    for await (const { targets, block } of attribution.scores(queries)) {
      const { columns, data } = block.scores;
      for (const [target, { sampleId }] of targets.entries()) {
        const start = queryOf.get(sampleId)! * clusterCount;
        for (let column = 0; column < columns; column++)
          sums.data[start + assignment[block.firstRow + column]!]! += data[target * columns + column]!;
      }
    }
    return { sums, cost: attribution.cost() };
  } finally {
    await attribution.dispose();
  }
}

/** Sums over clusters as means over their images. */
export function perImage({ rows, columns, data }: Matrix64, sizes: Int32Array): Matrix64 {
  return { rows, columns, data: data.map((sum, index) => sum / sizes[index % columns]!) };
}
