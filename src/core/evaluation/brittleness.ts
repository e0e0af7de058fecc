/** @file Brittleness: how many of a prediction's strongest proponents must go before it flips (METHODS §1.6). */
import { deviation, mean } from '../linalg/ranks.ts';

export interface BrittlenessPoint {
  /** Training images that were removed. */
  readonly removed: number;
  /** Share of the queries whose prediction flipped. */
  readonly flipped: number;
  /** Standard error over queries. */
  readonly deviation: number;
}

/**
 * `proponents` of each query, strongest first; where there are fewer than are to be removed, all of them go. `flips` trains without
 * the removed images and answers in which share of the trainings the query's prediction is another.
 */
export async function measureBrittleness<Image>(
  removals: readonly number[],
  proponents: readonly (readonly Image[])[],
  flips: (query: number, removed: readonly Image[]) => Promise<number>,
): Promise<BrittlenessPoint[]> {
  const points: BrittlenessPoint[] = [];
  for (const removed of removals) {
    const shares: number[] = [];
    for (const [query, strongest] of proponents.entries())
      shares.push(await flips(query, strongest.slice(0, removed)));
    points.push({ removed, ...shareOf(shares) });
  }
  return points;
}

/** Mean and its standard error. */
export function shareOf(shares: readonly number[]): Pick<BrittlenessPoint, 'flipped' | 'deviation'> {
  return { flipped: mean(shares), deviation: deviation(shares) / Math.sqrt(shares.length) };
}
