/** @file The score of every image of the train split for itself. */
import { selfInfluence } from '../../core/attribution/score-queries.ts';
import type { FeatureStore } from '../artifacts/feature-store.ts';
import type { InfluenceRow } from '../storage/influences.ts';
import type { LabelledRow } from './loaded-model.ts';
import { asCompared, type Scoring } from './scoring.ts';

/**
 * What the model learned: φᵀPφ, weighted. An image of the train split that was held out gets what it would have inside the
 * kernel: h/(1 + h), with h = φᵀPφ from the others (Sherman–Morrison). Other rows of the store are passed over.
 */
export async function selfScores(
  scoring: Scoring,
  otherStore: FeatureStore | null,
  others: readonly LabelledRow[],
): Promise<InfluenceRow[]> {
  const { preconditioner, model, weights } = scoring;
  const scores = await selfInfluence([{ preconditioner, train: scoring.trainBlocks() }], weights);
  const found: InfluenceRow[] = model.learned.map(({ sampleId }, place) => ({
    sampleId,
    score: scores[place]!,
  }));
  if (otherStore !== null) found.push(...(await heldOutScores(scoring, otherStore, others)));
  return found;
}

async function heldOutScores(
  { preconditioner, model, weights, damping, method }: Scoring,
  store: FeatureStore,
  rows: readonly LabelledRow[],
): Promise<InfluenceRow[]> {
  const learned = new Set(model.learned.map((row) => row.sampleId));
  const residuals = weights === null ? null : store.side('residuals');
  const found: InfluenceRow[] = [];
  let from = 0;
  for (const block of asCompared(method, store.blocks())) {
    const outside = await preconditioner.selfScores(block, from);
    for (const [place, { sampleId, row }] of rows.slice(from, from + block.rows).entries()) {
      if (model.samples[row]!.split !== 'train' || learned.has(sampleId)) continue;
      const inside = damping === null ? outside[place]! : outside[place]! / (1 + outside[place]!);
      found.push({ sampleId, score: inside * (residuals?.[from + place] ?? 1) });
    }
    from += block.rows;
  }
  return found;
}
