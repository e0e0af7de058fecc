/** @file What was found: label issues and their evidence, the images behind a prediction. */
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { Validity } from '../../contract/evaluations-service.ts';
import type { influence, InfluenceView, issues } from '../../contract/findings-service.ts';
import type { Handlers } from '../../contract/service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { findInfluences, type InfluenceRow } from '../storage/influences.ts';
import { pageIssues, readEvidence, summarizeIssues } from '../storage/issues.ts';
import type { EngineContext } from './engine-context.ts';

/** METHODS §1.4: what a score may be taken for, as long as no counterfactual evaluation says more. */
const UNEVALUATED: Validity = {
  standing: 'not-evaluated',
  badge: 'Not evaluated',
  explanation:
    'Scores rank which training images the model leans on. No retraining without them has been measured on this model.',
  evaluationId: null,
};

export function makeIssuesHandlers(context: EngineContext): Handlers<typeof issues> {
  return {
    summary: () => summarizeIssues(context.project.connection),
    page: (page) => pageIssues(context.project.connection, page),
    evidence: ({ sampleId }) => readEvidence(context.project.connection, sampleId),
  };
}

export function makeInfluenceHandlers(context: EngineContext): Handlers<typeof influence> {
  return {
    of: ({ sampleId }): InfluenceView | null => {
      const found = findInfluences(context.project.connection, sampleId);
      if (found === null) return null;
      return {
        sampleId,
        modelId: found.attribution.modelId,
        method: found.attribution.method,
        choices: AttributionChoices.parse({ method: found.attribution.method }),
        validity: UNEVALUATED,
        selfInfluence: found.selfInfluence,
        proponents: found.proponents.map(toEntry),
        opponents: found.opponents.map(toEntry),
      };
    },
  };
}

function toEntry({ sampleId, score }: InfluenceRow): InfluenceView['proponents'][number] {
  return { sampleId: sampleId as SampleId, score };
}
