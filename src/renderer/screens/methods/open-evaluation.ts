/** @file Opens the form that measures methods on the model that is looked at. */
import { GenerativeEvaluationKind } from '../../../contract/evaluations-service.ts';
import type { App } from '../../state/app.svelte.ts';

export function openEvaluation({
  evaluations,
  overlays,
  plannedEvaluation,
  plannedGenerativeEvaluation,
}: App): void {
  if (evaluations.task === 'generate') {
    plannedGenerativeEvaluation.prepare(
      GenerativeEvaluationKind.parse(evaluations.kind),
      evaluations.modelId,
    );
    overlays.show('evaluate-generative');
    return;
  }
  plannedEvaluation.prepare(...evaluations.formStart);
  overlays.show('evaluate');
}
