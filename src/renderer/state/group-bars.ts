/** @file The scores of one query image as bars, one for each group, beside what random groups of its size reach. */
import type { GroupAttribution, GroupScore } from '../../contract/groups-service.ts';
import type { QueryId } from '../../contract/vocabulary.ts';

export const groupScales = ['raw', 'per-image'] as const;
export type GroupScale = (typeof groupScales)[number];

/** What was scored: groups, and each query image's score of each. */
export interface ScoredGroups {
  readonly groups: readonly Pick<GroupAttribution['groups'][number], 'groupId' | 'name' | 'size'>[];
  readonly queries: GroupAttribution['queries'];
}

export interface GroupBar {
  readonly id: number;
  readonly name: string;
  /** Images of the group. */
  readonly size: number;
  /** On the scale that was asked for, as are `deviation` and `band`. */
  readonly value: number;
  readonly deviation: number | null;
  /** Between which percentiles random groups of its size lie, the 5th and the 95th; null without controls. */
  readonly band: { readonly low: number; readonly median: number; readonly high: number } | null;
  readonly score: GroupScore;
}

/** Largest first; none where the attribution does not cover the query. */
export function groupBars(attribution: ScoredGroups, queryId: QueryId, scale: GroupScale): GroupBar[] {
  const found = attribution.queries.find((query) => query.queryId === queryId);
  if (found === undefined) return [];
  const bars = found.scores.flatMap((score): GroupBar[] => {
    const group = attribution.groups.find((candidate) => candidate.groupId === score.groupId);
    if (group === undefined) return [];
    const divisor = scale === 'raw' ? 1 : Math.max(1, group.size);
    const { band } = score;
    return [
      {
        id: score.groupId,
        name: group.name,
        size: group.size,
        value: scale === 'raw' ? score.raw : score.perImage,
        deviation: score.deviation === null ? null : score.deviation / divisor,
        band:
          band === null
            ? null
            : { low: band.low / divisor, median: band.median / divisor, high: band.high / divisor },
        score,
      },
    ];
  });
  return bars.toSorted((a, b) => b.value - a.value);
}
