/** @file What linked attributions say of the queries of a case, one method beside the other. */
import type { InfluenceMethod, MethodAgreement } from '../../contract/cases-service.ts';
import { diffusionTitle } from '../../contract/diffusion-title.ts';
import type { QueryId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { stepOfMethod } from './claim-steps.ts';
import { agreementOf } from './method-agreement.ts';
import { readQueryAttribution } from '../storage/queries.ts';
import type { Connection } from '../storage/connection.ts';

type Attribution = NonNullable<ReturnType<typeof readQueryAttribution>>;

export interface InfluenceFound {
  readonly influence: InfluenceMethod[];
  readonly agreement: MethodAgreement[];
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
  return { influence: attributions.map(toMethod), agreement: agreements(attributions) };
}

function toMethod({ runId, modelId, choices, queries }: Attribution): InfluenceMethod {
  return {
    ...{ runId, modelId, method: choices.method, title: diffusionTitle(choices) },
    step: stepOfMethod(choices.method),
    queries: queries.map(({ queryId, proponents }) => ({
      queryId,
      proponents: proponents.map(({ sampleId, score }) => ({
        ...{ sampleId: sampleId as SampleId, score },
        ...{ deviation: null, standing: null, percentile: null, nullPercentile: null },
      })),
    })),
  };
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
