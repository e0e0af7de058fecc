/** @file What linked attributions say of the queries of a case, one method beside the other. */
import type { CaseControl, InfluenceMethod, MethodAgreement } from '../../contract/cases-service.ts';
import { diffusionTitle } from '../../contract/diffusion-title.ts';
import type { QueryId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { stepOfMethod } from './claim-steps.ts';
import { agreementOf } from './method-agreement.ts';
import {
  readQueryAttribution,
  type AttributionBackground,
  type KeptQueryAttribution,
  type QueryInfluences,
} from '../storage/queries.ts';
import { influenceControls, standingOf } from './influence-controls.ts';
import type { Connection } from '../storage/connection.ts';

type Attribution = KeptQueryAttribution;

export interface InfluenceFound {
  readonly influence: InfluenceMethod[];
  readonly agreement: MethodAgreement[];
  readonly controls: CaseControl[];
}

export function readInfluence(
  connection: Connection,
  runIds: readonly RunId[],
  queryIds: ReadonlySet<QueryId>,
): InfluenceFound {
  const attributions = runIds.flatMap((runId): Attribution[] => {
    const found = readQueryAttribution(connection, runId);
    if (found === null) return [];
    return [{ ...found, queries: found.queries.filter(({ queryId }) => queryIds.has(queryId)) }];
  });
  return {
    influence: attributions.map(toMethod),
    agreement: agreements(attributions),
    controls: attributions.flatMap(({ runId, background }) => influenceControls(runId, background)),
  };
}

function toMethod({ runId, modelId, choices, queries, background }: Attribution): InfluenceMethod {
  return {
    ...{ runId, modelId, method: choices.method, title: diffusionTitle(choices) },
    step: stepOfMethod(choices.method),
    queries: queries.map((query) => ({
      queryId: query.queryId,
      proponents: judged(query, background),
    })),
  };
}

/** Each proponent with where it stands among all training images, and beside the control queries. */
function judged(
  { queryId, proponents }: QueryInfluences,
  background: AttributionBackground | null,
): InfluenceMethod['queries'][number]['proponents'] {
  const own = background?.queries.find((query) => query.queryId === queryId) ?? null;
  const chance = (background?.controls ?? [])
    .filter(({ role }) => role !== 'training-image')
    .map((control) => standingOf(control.strongest, control) ?? 0);
  return proponents.map(({ sampleId, score, deviation }, place) => {
    const standing = own === null ? null : standingOf(score, own);
    return {
      ...{ sampleId: sampleId as SampleId, score, deviation: deviation ?? null, standing },
      percentile: background === null ? null : 1 - (place + 1) / background.trainCount,
      nullPercentile:
        standing === null || chance.length === 0
          ? null
          : chance.filter((other) => other < standing).length / chance.length,
    };
  });
}

/** Of every two attributions, for every query that both cover. */
function agreements(attributions: readonly Attribution[]): MethodAgreement[] {
  return attributions.flatMap((first, index) =>
    attributions.slice(index + 1).flatMap((second) =>
      first.queries.flatMap((own) => {
        const other = second.queries.find(({ queryId }) => queryId === own.queryId);
        if (other === undefined) return [];
        const { queryId } = own;
        return [{ queryId, firstRunId: first.runId, secondRunId: second.runId, ...agreementOf(own, other) }];
      }),
    ),
  );
}
