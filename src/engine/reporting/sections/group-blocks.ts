/** @file How much each query depends on each group: raw and per image, beside random groups of the same size; and what is not attributed to any. */
import type { GroupScore } from '../../../contract/groups-service.ts';
import type { GroupShares } from '../../../contract/cases-service.ts';
import type { Block } from '../report-document.ts';
import type { Words } from '../words.ts';
import { figureOr, groupWords, partOr } from './phrases.ts';

type QueryShares = GroupShares['queries'][number];
type Groups = GroupShares['groups'];

const verdicts = {
  attributed: 'At least one group stands out from random groups of its size.',
  diffuse: 'Diffuse: no group stands out from random groups of its size.',
  undecided: 'Undecided: with so few random groups none could stand out.',
} as const;

export function groupBlocks({ runId, title, groups, queries }: GroupShares): Block[] {
  return queries.flatMap((query) => queryBlocks(runId, title, groups, query));
}

function queryBlocks(runId: number, title: string, groups: Groups, query: QueryShares): Block[] {
  const { queryId, scores, verdict } = query;
  const labelOf = (groupId: number): Words =>
    groupWords(groupId, groups.find((group) => group.groupId === groupId)?.name ?? '');
  const sizeOf = (groupId: number): string =>
    String(groups.find((group) => group.groupId === groupId)?.size ?? '');
  return [
    {
      kind: 'chart',
      chart: {
        kind: 'scores',
        title: `Groups behind query ${queryId}: ${title} (run ${runId}). Grey: where random groups of the same size lie, from the 5th to the 95th percentile.`,
        unit: 'raw scores',
        rows: scores.map(({ groupId, raw, deviation, band, standsOut }) => ({
          ...{ label: labelOf(groupId), name: `Group ${groupId}` },
          ...{ value: raw, deviation, band, isMarked: standsOut },
        })),
      },
    },
    {
      kind: 'table',
      caption: `Run ${runId}, query ${queryId}: raw scores, and the same for each image of the group`,
      head: [
        'Group',
        'Images',
        'Raw',
        'Spread',
        'Random groups',
        'Per image',
        'Percentile',
        'p',
        'Stands out',
      ],
      figures: [1, 2, 3, 4, 5, 6, 7],
      rows: scores.map((score) => [
        labelOf(score.groupId),
        sizeOf(score.groupId),
        figureOr(score.raw),
        figureOr(score.deviation, 'one repeat'),
        bandWords(score.band),
        figureOr(score.perImage),
        partOr(score.percentile, 'no controls'),
        figureOr(score.pValue, 'no controls'),
        score.standsOut ? 'yes' : 'no',
      ]),
    },
    ...sharesBlocks(queryId, query, labelOf),
    {
      kind: 'text',
      words:
        verdict === null
          ? 'There were no random groups: whether a group stands out is not known.'
          : verdicts[verdict],
    },
  ];
}

function bandWords(band: GroupScore['band']): string {
  return band === null ? 'no controls' : `${figureOr(band.low)} … ${figureOr(band.high)}`;
}

/** Shares are not made to add up: what no group is given is a row of its own. */
function sharesBlocks(
  queryId: number,
  { scores, unattributed }: QueryShares,
  labelOf: (groupId: number) => Words,
): Block[] {
  if (unattributed === null) return [];
  const parts = scores
    .filter(({ share }) => share !== null && share > 0)
    .map(({ groupId, share }) => ({
      name: `Group ${groupId}`,
      label: labelOf(groupId),
      share: share!,
      isRest: false,
    }));
  const rest = {
    name: 'Diffuse / not attributed',
    label: 'Diffuse / not attributed',
    share: unattributed,
    isRest: true,
  };
  return [
    {
      kind: 'chart',
      chart: {
        kind: 'shares',
        title: `Shares of all positive score beyond random groups, query ${queryId}`,
        parts: [...parts, rest],
      },
    },
    {
      kind: 'table',
      caption: `Shares, query ${queryId}`,
      head: ['Group', 'Share'],
      figures: [1],
      rows: [...parts, rest].map(({ label, share }): Words[] => [label, partOr(share)]),
    },
  ];
}
