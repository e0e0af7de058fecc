/** @file Scores of groups beside those of random groups of their size, as they are kept and shown. */
import {
  judgeByControls,
  type ControlledScore,
  type NullDistribution,
} from '../../core/attribution/group/controls.ts';
import type { Matrix64 } from '../../core/linalg/matrix.ts';
import type { GroupScore, QueryGroupScores } from '../../contract/groups-service.ts';
import type { GroupId, QueryId } from '../../contract/vocabulary.ts';

export interface ScoredGroups {
  readonly groupIds: readonly GroupId[];
  readonly sizes: readonly number[];
  /** [queries, groups], means over repeats. */
  readonly scores: Matrix64;
  /** Standard deviations over repeats, [queries, groups]; null: one repeat. */
  readonly deviations: Matrix64 | null;
  /** For each group the scores of its random groups, [queries, controls]; empty: none. */
  readonly controls: readonly Matrix64[];
  /** Whether a score is a sum over members, so that dividing it by their number means something; a mean stays what it is. */
  readonly isSum: boolean;
  readonly nullDistribution: NullDistribution;
}

/** `queries`: those whose rows are the first of the scores. */
export function judgeQueries(scored: ScoredGroups, queries: readonly QueryId[]): QueryGroupScores[] {
  return queries.map((queryId, row) => ({ queryId, ...judgeRow(scored, row) }));
}

/** One row of the scores. */
export function judgeRow(scored: ScoredGroups, row: number): Omit<QueryGroupScores, 'queryId'> {
  const { groupIds, sizes, scores, deviations, controls, isSum, nullDistribution } = scored;
  const own = rowOf(scores, row);
  const hasControls = controls.length > 0 && controls[0]!.columns > 0;
  const judged = hasControls
    ? judgeByControls(
        own,
        controls.map((matrix) => rowOf(matrix, row)),
        { nullDistribution },
      )
    : null;
  const entries = groupIds.map((groupId, group): GroupScore => ({
    groupId,
    raw: own[group]!,
    perImage: isSum ? own[group]! / sizes[group]! : own[group]!,
    deviation: deviations === null ? null : rowOf(deviations, row)[group]!,
    ...standing(judged?.groups[group] ?? null),
  }));
  const shared = entries.reduce((sum, { share }) => sum + (share ?? 0), 0);
  return {
    scores: entries,
    unattributed: judged === null ? null : Math.max(0, 1 - shared),
    verdict: judged?.verdict ?? null,
  };
}

/** What beside its controls can be said of a score. */
function standing(
  control: ControlledScore | null,
): Pick<GroupScore, 'percentile' | 'pValue' | 'band' | 'standsOut' | 'share'> {
  if (control === null) return { percentile: null, pValue: null, band: null, standsOut: false, share: null };
  const standsOut = control.verdict === 'stands-out';
  return {
    percentile: control.percentile,
    pValue: control.adjustedPValue,
    band: control.control,
    standsOut,
    share: standsOut ? control.share : 0,
  };
}

export function rowOf({ data, columns }: Matrix64, row: number): Float64Array {
  return data.subarray(row * columns, (row + 1) * columns);
}
