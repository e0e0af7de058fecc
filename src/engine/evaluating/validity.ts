/** @file What scores may be taken for, given what was measured about the way in which they were estimated (METHODS §1.4). */
import type { AttributionChoices } from '../../contract/attribution-choices.ts';
import { relevantChoices } from '../../contract/choice-relevance.ts';
import { relevantDiffusionChoices } from '../../contract/diffusion-relevance.ts';
import type { Evaluation, Validity } from '../../contract/evaluations-service.ts';
import type { DiffusionChoices } from '../../contract/generation-configs.ts';

/** A difference of that many standard deviations is taken for one. */
const SURE_DEVIATIONS = 2;

const notEvaluated: Validity = {
  standing: 'not-evaluated',
  badge: 'Not evaluated',
  explanation:
    'Scores rank which training images the model leans on. No retraining without them has been measured on this model.',
  evaluationId: null,
};

/** By the newest linear datamodeling score of the same choices among `evaluations` (of one model, newest first). */
export function validityOf(choices: AttributionChoices, evaluations: readonly Evaluation[]): Validity {
  return newest(evaluations, ({ choices: measured }) =>
    measured === null ? false : areAlike(measured, choices, relevantChoices(measured)),
  );
}

/** The same of an attribution of images that the model made. */
export function diffusionValidityOf(choices: DiffusionChoices, evaluations: readonly Evaluation[]): Validity {
  return newest(evaluations, ({ diffusionChoices: measured }) =>
    measured === null ? false : areAlike(measured, choices, relevantDiffusionChoices(measured)),
  );
}

function newest(
  evaluations: readonly Evaluation[],
  isOfThese: (evaluation: Evaluation) => boolean,
): Validity {
  const found = evaluations.find((evaluation) => evaluation.kind === 'lds' && isOfThese(evaluation));
  return found === undefined ? notEvaluated : judge(found);
}

/** Whether they differ in nothing that is read but the seed. */
function areAlike<Choices>(one: Choices, other: Choices, read: ReadonlySet<keyof Choices>): boolean {
  return [...read].every((name) => name === 'seed' || one[name] === other[name]);
}

function judge(evaluation: Evaluation): Validity {
  const { id, score, deviation, ceiling, figures } = evaluation;
  const measured =
    `LDS ${text(score)}${deviation === null ? '' : ` ± ${text(deviation)}`}` +
    (ceiling === null ? '' : `, ceiling ${text(ceiling)}`);
  const subsets = figures['subsets'] ?? 0;
  const basis = `Summed over ${subsets} random subsets of the training images, these scores rank what training on each would give with a correlation of ${text(score)}`;
  const reach = ceiling === null ? '' : `; the noise of training leaves ${text(ceiling)} reachable`;
  const rival = strongerRival(evaluation);
  if (rival === null) {
    const explanation = `${basis}${reach}. That is better than chance and than the similarity of embeddings.`;
    return { standing: 'measured', badge: measured, explanation, evaluationId: id };
  }
  return {
    standing: 'no-better',
    badge: `No better than ${rival} here`,
    explanation: `${basis}${reach}. That is not clearly more than ${rival} gives: do not rely on these scores (${measured}).`,
    evaluationId: id,
  };
}

/** What the score is not clearly better than; null where it is better than all it was compared with. */
function strongerRival({ score, deviation, chance, figures }: Evaluation): 'chance' | 'similarity' | null {
  const noise = Math.hypot(deviation ?? 0, chance?.deviation ?? 0);
  if (score - (chance?.mean ?? 0) <= SURE_DEVIATIONS * noise) return 'chance';
  const lead = figures['lead over similarity'];
  if (lead === undefined) return null; // it is the similarity itself
  return lead <= SURE_DEVIATIONS * (figures['lead deviation'] ?? 0) ? 'similarity' : null;
}

/** −0.0312 → '−0.03'. */
function text(value: number): string {
  return value.toFixed(2).replace('-', '\u2212');
}
