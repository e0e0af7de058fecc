/** @file Evaluations as points of score over cost. */
import type { AttributionCost } from '../../contract/attribution-choices.ts';
import type { Evaluation } from '../../contract/evaluations-service.ts';

export const costParts = ['all', 'train', 'cache', 'serve'] as const;
export type CostPart = (typeof costParts)[number];

export interface ComparisonPoint {
  readonly id: number;
  readonly name: string;
  /** Seconds. */
  readonly x: number;
  readonly y: number;
  readonly deviation: number | null;
}

/** Seconds of one part of what an attribution took, or of all. */
export function secondsOf(cost: AttributionCost, part: CostPart): number {
  const { trainSeconds, cacheSeconds, serveSeconds } = cost;
  if (part === 'train') return trainSeconds;
  if (part === 'cache') return cacheSeconds;
  return part === 'serve' ? serveSeconds : trainSeconds + cacheSeconds + serveSeconds;
}

/** One point for each evaluation whose cost is known. */
export function comparisonPoints(evaluations: readonly Evaluation[], part: CostPart): ComparisonPoint[] {
  return evaluations.flatMap(({ id, title, score, deviation, cost }) =>
    cost === null ? [] : [{ id, name: title, x: secondsOf(cost, part), y: score, deviation }],
  );
}

/** The ceilings of the evaluations, two that look alike as one: what is measured on the same trainings has the same. */
export function ceilingsOf(evaluations: readonly Evaluation[]): number[] {
  const rounded = evaluations.flatMap(({ ceiling }) =>
    ceiling === null ? [] : [Math.round(ceiling * 100) / 100],
  );
  return [...new Set(rounded)].toSorted((a, b) => a - b);
}
