/** @file Which training images are removed for each query: those that score highest by a method, or as many at random. */
import { Random } from '../../../core/base/random.ts';
import { rowOf } from '../../../core/linalg/row-algebra.ts';
import { ascendingOrder } from '../../../core/linalg/ranks.ts';
import type { AttributionCost } from '../../../contract/attribution-choices.ts';
import { diffusionTitle } from '../../../contract/diffusion-title.ts';
import { DiffusionChoices } from '../../../contract/generation-configs.ts';
import type {
  EvaluateCounterfactualConfig,
  RemovalMethod,
} from '../../../contract/generation-evaluation-configs.ts';
import { askedImages } from '../../attributing/queries/asked-images.ts';
import { allScores, openQueryAttribution } from '../../attributing/queries/query-attribution.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { StoredQuery } from '../../storage/queries.ts';
import type { GenerativeWork } from './generative-work.ts';

export interface RemovalChoice {
  readonly method: RemovalMethod;
  readonly title: string;
  /** null of random ones. */
  readonly choices: DiffusionChoices | null;
  /** For each query what is removed: places in `model.learned`, rising. */
  readonly removed: readonly Int32Array[];
  readonly cost: AttributionCost | null;
}

type ScoringWork = Pick<GenerativeWork, 'folder' | 'model' | 'tools'>;

/** Reports the fraction of this work alone. */
export async function chooseRemovals(
  work: ScoringWork,
  config: EvaluateCounterfactualConfig,
  method: RemovalMethod,
  queries: readonly StoredQuery[],
  context: Pick<RunContext, 'signal' | 'progress'>,
): Promise<RemovalChoice> {
  const { learned } = work.model;
  const count = removalCount(config, learned.length);
  if (method === 'random') {
    const removed = queries.map(({ sha256 }) => {
      const order = new Random(config.seed, `random removal ${sha256}`).permutation(learned.length);
      return Int32Array.from(order.subarray(0, count)).sort();
    });
    return { method, title: 'Random', choices: null, removed, cost: null };
  }
  const choices = DiffusionChoices.parse({ ...config, method });
  const { folder, model, tools } = work;
  const asked = await askedImages(folder, model, choices, queries, tools, context);
  const attribution = await openQueryAttribution({ folder, model, choices, tools, context }, asked);
  const scores = await allScores(attribution, queries.length, learned.length);
  const removed = queries.map((_, query) => {
    const rising = ascendingOrder(Float64Array.from(rowOf(scores, query)));
    return Int32Array.from(rising.subarray(learned.length - count)).sort();
  });
  return { method, title: diffusionTitle(choices), choices, removed, cost: attribution.cost() };
}

/** The share of a query's removed images that are of one class, the largest, averaged over the queries; without labels as good as one class. */
export function largestClassShare(
  { learned, samples }: Pick<GenerativeWork['model'], 'learned' | 'samples'>,
  removed: readonly Int32Array[],
): number {
  const shares = removed.map((places) => {
    const counts = new Map<number | null, number>();
    for (const place of places) {
      const { label } = samples[learned[place]!.row]!;
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    return Math.max(...counts.values()) / places.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** One at least; and something is left to learn from. */
export function removalCount(
  { share }: Pick<EvaluateCounterfactualConfig, 'share'>,
  learned: number,
): number {
  return Math.min(learned - 2, Math.max(1, Math.round(share * learned)));
}
