/** @file What was found: label issues and their evidence, the images behind a prediction. */
import type { AttributionEntry, influence, InfluenceView, issues } from '../../contract/findings-service.ts';
import type { Handlers } from '../../contract/service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { validityOf } from '../evaluating/validity.ts';
import { listEvaluations } from '../storage/evaluations.ts';
import {
  findInfluences,
  listAttributions,
  type InfluenceRow,
  type KeptAttribution,
} from '../storage/influences.ts';
import { pageIssues, readEvidence, readNoise, summarizeIssues } from '../storage/issues.ts';
import type { EngineContext } from './engine-context.ts';

export function makeIssuesHandlers(context: EngineContext): Handlers<typeof issues> {
  return {
    summary: () => summarizeIssues(context.project.connection),
    page: (page) => pageIssues(context.project.connection, page),
    evidence: ({ sampleId }) => readEvidence(context.project.connection, sampleId),
    noise: () => readNoise(context.project.connection),
  };
}

export function makeInfluenceHandlers(context: EngineContext): Handlers<typeof influence> {
  return {
    of: ({ sampleId, runId }): InfluenceView | null => {
      const { connection } = context.project;
      const found = findInfluences(connection, sampleId, runId);
      if (found === null) return null;
      const { runId: foundRunId, modelId, choices } = found.attribution;
      return {
        sampleId,
        runId: foundRunId,
        modelId,
        method: choices.method,
        choices,
        validity: validityOf(choices, listEvaluations(connection, modelId)),
        selfInfluence: found.selfInfluence,
        proponents: found.proponents.map(toEntry),
        opponents: found.opponents.map(toEntry),
        attributions: listAttributions(connection, sampleId).map(describe),
      };
    },
  };
}

function describe({ runId, modelId, choices, createdAt }: KeptAttribution): AttributionEntry {
  return { runId, modelId, choices, createdAt };
}

function toEntry({ sampleId, score }: InfluenceRow): InfluenceView['proponents'][number] {
  return { sampleId: sampleId as SampleId, score };
}
