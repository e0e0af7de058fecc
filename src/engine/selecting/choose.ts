/** @file From a strategy to the images it chooses. */
import { chooseSubset } from '../../core/selection/choose-subset.ts';
import { rankCandidates } from '../../core/selection/rank-candidates.ts';
import type { SelectionStrategy } from '../../contract/selection-config.ts';
import type { PredictedEffect } from '../../contract/subsets-service.ts';
import { balanced } from './candidates.ts';
import type { CandidateScores, SelectionWork } from './selection-work.ts';
import { scoreCandidates } from './strategy-scores.ts';
import { findSuspects } from './suspects.ts';

/** A class with fewer than two images cannot be trained on. */
const LEAST_PER_CLASS = 2;
/** From this share on there is room for hard images; below, typical ones teach more. */
const HARD_FROM_SHARE = 0.5;

export interface Chosen {
  /** Numbers of the candidates, the first choice first. */
  readonly places: Uint32Array;
  /** The same budget filled from the other end of the ranking. */
  readonly opposite: Uint32Array;
  readonly scores: Float64Array;
  readonly keep: 'high' | 'low';
  readonly predicted: PredictedEffect | null;
}

/** Which scores are kept where nobody says. High scores of the last three mean hard images. */
export function usualKeep(strategy: SelectionStrategy, share: number): 'high' | 'low' {
  const isByDifficulty = strategy === 'el2n' || strategy === 'forgetting' || strategy === 'self-influence';
  return isByDifficulty && share < HARD_FROM_SHARE ? 'low' : 'high';
}

export async function choose(strategy: SelectionStrategy, work: SelectionWork): Promise<Chosen> {
  const { choices } = work;
  const scored = await scoreCandidates(strategy, work);
  const keep = choices.keep ?? usualKeep(strategy, choices.share);
  // Random subsets are what the others are compared with: nothing is known about their images.
  const putsLast = choices.suspects === 'last' && strategy !== 'random';
  const last = putsLast ? findSuspects(work) : new Set<number>();
  const order = rankCandidates(scored.scores, { keep, seed: choices.seed, last });
  const places = fillBudget(order, work);
  return {
    places,
    opposite: fillBudget(order.toReversed(), work),
    scores: scored.scores,
    keep,
    predicted: predictEffect(scored, places),
  };
}

/** A random subset of the same size and balance; `number` tells several apart. */
export function drawControl(work: SelectionWork, number: number): Uint32Array {
  const seed = work.choices.seed + 1 + number;
  const scores = new Float64Array(work.candidates.images.length);
  return fillBudget(rankCandidates(scores, { keep: 'high', seed }), work);
}

function fillBudget(order: Uint32Array, { candidates, choices }: SelectionWork): Uint32Array {
  const total = Math.max(1, Math.round(choices.share * order.length));
  return chooseSubset(order, balanced(candidates, choices.balance), total, LEAST_PER_CLASS);
}

function predictEffect({ scores, targets }: CandidateScores, places: Uint32Array): PredictedEffect | null {
  if (targets === null) return null;
  const total = scores.reduce((sum, score) => sum + score, 0) / targets;
  const kept = places.reduce((sum, place) => sum + scores[place]!, 0) / targets;
  return { targets, kept, dropped: total - kept };
}
