/** @file What the checks of a case found, each with the step of the claim ladder that it reached. */
import type {
  CaseControl,
  CaseRun,
  CopySearch,
  Finding,
  GroupShares,
  InfluenceMethod,
} from '../../contract/cases-service.ts';
import { stepNumber, type ClaimStep } from '../../contract/claims.ts';
import type { GroupScore } from '../../contract/groups-service.ts';
import type { QueryId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { controlsOfRunMet } from './controls.ts';

/** Training images that look alike are a finding where so near a neighbour is this uncommon. */
const UNCOMMON = 0.05;
/** Proponents that are looked at, of each method. */
const TOP = 10;
/** A proponent stands above this part of the control queries' strongest. */
const ABOVE_CONTROLS = 0.9;

export interface Checked {
  readonly queryIds: readonly QueryId[];
  readonly runs: readonly Pick<CaseRun, 'runId' | 'outdated'>[];
  readonly controls: readonly CaseControl[];
  readonly copies: CopySearch | null;
  readonly influence: readonly InfluenceMethod[];
  readonly shares: readonly GroupShares[];
}

/** By query in the case's order, the highest step first. */
export function findingsOf(checked: Checked): Finding[] {
  const reliable = new Set(
    checked.runs
      .filter(({ runId, outdated }) => !outdated && controlsOfRunMet(checked.controls, runId) === true)
      .map(({ runId }) => runId),
  );
  const found = [
    ...(checked.copies === null ? [] : copyFindings(checked.copies)),
    ...influenceFindings(checked.influence),
    ...checked.shares.flatMap(groupFindings),
  ];
  const place = new Map(checked.queryIds.map((id, index) => [id, index]));
  return found
    .filter(({ queryId }) => place.has(queryId))
    .map((finding) => ({ ...finding, supported: finding.runIds.every((runId) => reliable.has(runId)) }))
    .sort(
      (a, b) =>
        place.get(a.queryId)! - place.get(b.queryId)! ||
        stepNumber(b.step) - stepNumber(a.step) ||
        a.key.localeCompare(b.key, 'en', { numeric: true }),
    );
}

type Found = Omit<Finding, 'supported'>;

function copyFindings({ runId, queries }: CopySearch): Found[] {
  return queries
    .filter(({ role }) => role === 'query')
    .flatMap(({ queryId, matches }) =>
      matches
        .filter(({ step, commonness }) => step !== 'alike' || (commonness !== null && commonness <= UNCOMMON))
        .map(({ sampleId, step, rank, similarity, hashDistance, agreement, commonness }) =>
          aboutImage(step, queryId as QueryId, sampleId, [runId], {
            ...{ rank, similarity, hashDistance, agreement, commonness },
          }),
        ),
    );
}

/** An estimate is a finding where two methods that differ name the image, and none of those that know its controls finds it ordinary. */
function influenceFindings(methods: readonly InfluenceMethod[]): Found[] {
  const named = new Map<string, Naming[]>();
  for (const { step, method, runId, queries } of methods) {
    if (step !== 'influence') continue;
    for (const { queryId, proponents } of queries)
      for (const [index, proponent] of proponents.slice(0, TOP).entries()) {
        if (proponent.nullPercentile !== null && proponent.nullPercentile < ABOVE_CONTROLS) continue;
        const key = `${queryId} ${proponent.sampleId}`;
        const naming = { ...proponent, method, queryId, runId, rank: index + 1 };
        named.set(key, [...(named.get(key) ?? []), naming]);
      }
  }
  return [...named.values()]
    .filter((namings) => new Set(namings.map(({ method }) => method)).size >= 2)
    .map((namings) => {
      const { queryId, sampleId } = namings[0]!;
      const runIds = namings.map(({ runId }) => runId);
      const percentiles = namings.flatMap(({ nullPercentile }) =>
        nullPercentile === null ? [] : [nullPercentile],
      );
      return aboutImage('influence', queryId, sampleId, runIds, {
        methods: new Set(namings.map(({ method }) => method)).size,
        rank: Math.max(...namings.map(({ rank }) => rank)),
        nullPercentile: percentiles.length === 0 ? null : Math.min(...percentiles),
      });
    });
}

type Naming = InfluenceMethod['queries'][number]['proponents'][number] & {
  readonly method: InfluenceMethod['method'];
  readonly queryId: QueryId;
  readonly runId: RunId;
  readonly rank: number;
};

/** Groups that stand out from random groups of their size, and help. */
function groupFindings({ runId, step, queries }: GroupShares): Found[] {
  return queries.flatMap(({ queryId, scores }) =>
    scores
      .filter(({ standsOut, raw }) => standsOut && raw > 0)
      .map((score) => ({
        key: `${step} ${queryId} group ${score.groupId} run ${runId}`,
        ...{ step, queryId, sampleId: null, groupId: score.groupId, runIds: [runId] },
        figures: groupFigures(score),
      })),
  );
}

function groupFigures({ raw, perImage, deviation, percentile, pValue, share }: GroupScore): Found['figures'] {
  return known({ raw, perImage, deviation, percentile, pValue, share });
}

function aboutImage(
  step: ClaimStep,
  queryId: QueryId,
  sampleId: SampleId,
  runIds: readonly RunId[],
  figures: Readonly<Record<string, number | null>>,
): Found {
  return {
    key: `${step} ${queryId} image ${sampleId}`,
    ...{ step, queryId, sampleId, groupId: null, runIds: [...runIds] },
    figures: known(figures),
  };
}

function known(figures: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== null),
  );
}
