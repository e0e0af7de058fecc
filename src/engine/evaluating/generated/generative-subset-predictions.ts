/** @file What an attribution says that models trained on subsets would do with query images. */
import { SubsetSums } from '../../../core/evaluation/subset-sums.ts';
import type { DiffusionChoices } from '../../../contract/generation-configs.ts';
import { askedImages } from '../../attributing/queries/asked-images.ts';
import { openQueryAttribution } from '../../attributing/queries/query-attribution.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { StoredQuery } from '../../storage/queries.ts';
import type { SubsetPredictions } from '../lds-methods.ts';
import type { GenerativeWork } from './generative-work.ts';

/** Reports the fraction of this work alone. */
export async function predictGenerativeSubsets(
  { folder, model, tools }: Pick<GenerativeWork, 'folder' | 'model' | 'tools'>,
  choices: DiffusionChoices,
  queries: readonly StoredQuery[],
  masks: readonly Uint8Array[],
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<SubsetPredictions> {
  const asked = await askedImages(folder, model, choices, queries, tools, context);
  const attribution = await openQueryAttribution({ folder, model, choices, context, tools }, asked);
  const sums = new SubsetSums(masks, queries.length, tools.matrixEngine);
  for await (const { scores, firstRow } of attribution.scores())
    await sums.add(scores, { query: 0, image: firstRow });
  return { predicted: sums.sums, damping: attribution.damping, cost: attribution.cost() };
}
