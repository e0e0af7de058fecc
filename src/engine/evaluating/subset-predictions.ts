/** @file What an attribution says that models trained on subsets would do with queries. */
import { SubsetSums } from '../../core/evaluation/subset-sums.ts';
import type { AttributionChoices } from '../../contract/attribution-choices.ts';
import { openAttribution } from '../attributing/attribution.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import type { RunContext } from '../runs/run-context.ts';
import type { EvaluationWork } from './evaluation-work.ts';
import type { SubsetPredictions } from './lds-methods.ts';

/** Reports the fraction of this work alone. */
export async function predictSubsets(
  { folder, model, tools }: EvaluationWork,
  choices: AttributionChoices,
  queries: readonly LabelledRow[],
  masks: readonly Uint8Array[],
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<SubsetPredictions> {
  const attribution = await openAttribution(folder, model, choices, context, tools);
  try {
    const sums = new SubsetSums(masks, queries.length, tools.matrixEngine);
    const placeOf = new Map(queries.map((query, place) => [query.sampleId, place]));
    for await (const { targets, block } of attribution.scores(queries))
      await sums.add(block.scores, { query: placeOf.get(targets[0]!.sampleId)!, image: block.firstRow });
    return { predicted: sums.sums, damping: attribution.damping, cost: attribution.cost() };
  } finally {
    await attribution.dispose();
  }
}
