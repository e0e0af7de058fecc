/** @file Scores of each check as CSV, every figure in full: what a repeated computation is held against. */
import type { CaseFile } from '../../contract/cases-service.ts';
import { disarmText, formatRows } from '../exporting/csv-rows.ts';

type Row = readonly (string | number | null)[];

export function copiesTable({ copies }: CaseFile): string {
  const head = [
    'run',
    'query',
    'role',
    'sample',
    'relation',
    'step',
    'rank',
    'similarity',
    'hashDistance',
    'agreement',
  ];
  const rows = (copies?.queries ?? []).flatMap(({ queryId, role, matches }) =>
    matches.map((match): Row => [
      copies!.runId,
      queryId,
      role,
      match.sampleId,
      match.relation,
      match.step,
      match.rank,
      match.similarity,
      match.hashDistance,
      match.agreement,
    ]),
  );
  return formatRows([head, ...rows]);
}

export function influenceTable({ influence }: CaseFile): string {
  const head = ['run', 'query', 'place', 'sample', 'score', 'deviation', 'percentile', 'nullPercentile'];
  const rows = influence.flatMap(({ runId, queries }) =>
    queries.flatMap(({ queryId, proponents }) =>
      proponents.map(({ sampleId, score, deviation, percentile, nullPercentile }, index): Row => [
        ...[runId, queryId, index + 1, sampleId, score],
        ...[deviation, percentile, nullPercentile],
      ]),
    ),
  );
  return formatRows([head, ...rows]);
}

export function groupsTable({ shares }: CaseFile): string {
  const head = [
    'run',
    'step',
    'query',
    'group',
    'name',
    'size',
    'raw',
    'perImage',
    'deviation',
    'percentile',
    'pValue',
    'bandLow',
    'bandHigh',
    'share',
    'unattributed',
  ];
  const rows = shares.flatMap(({ runId, step, groups, queries }) =>
    queries.flatMap(({ queryId, scores, unattributed }) =>
      scores.map((score): Row => {
        const group = groups.find(({ groupId }) => groupId === score.groupId);
        return [
          ...[runId, step, queryId, score.groupId, disarmText(group?.name ?? ''), group?.size ?? null],
          ...[score.raw, score.perImage, score.deviation, score.percentile, score.pValue],
          ...[score.band?.low ?? null, score.band?.high ?? null, score.share, unattributed],
        ];
      }),
    ),
  );
  return formatRows([head, ...rows]);
}
