/** @file The score of every image of the train split for itself. */
import { meanWeights, selfInfluence, type SelfScoringMember } from '../../core/attribution/score-queries.ts';
import type { Preconditioner } from '../../core/attribution/preconditioner.ts';
import type { InfluenceRow } from '../storage/influences.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { LabelledRow } from './loaded-model.ts';
import { trainWeights, type OpenMember, type OpenMembers } from './open-members.ts';

/**
 * What the model learned: φᵀPφ, weighted. `others`, which it did not learn and whose features are there, get what they would have inside
 * the kernel: h/(1 + h), with h = φᵀPφ from what was learned (Sherman–Morrison).
 */
export async function selfScores(
  work: AttributionWork,
  members: OpenMembers,
  fit: (member: OpenMember) => Promise<Preconditioner>,
  others: readonly LabelledRow[],
): Promise<InfluenceRow[]> {
  const heldOut: Float64Array[] = [];
  async function* inTurn(): AsyncGenerator<SelfScoringMember> {
    for (const member of members.scoring) {
      const preconditioner = await fit(member);
      heldOut.push(await heldOutScores(work, member, preconditioner, others));
      yield { preconditioner, train: member.features.train() };
    }
  }
  const learned = await selfInfluence(inTurn(), trainWeights(members));
  const outside = meanWeights(heldOut);
  const residuals =
    members.weighing.length === 0
      ? null
      : meanWeights(members.weighing.map(({ features }) => features.residualsAt(others)));
  return [
    ...work.model.learned.map(({ sampleId }, place) => ({ sampleId, score: learned[place]! })),
    ...others.map(({ sampleId }, place) => ({
      sampleId,
      score: outside[place]! * (residuals?.[place] ?? 1),
    })),
  ];
}

/** Rows that are widened at a time. */
const ROWS_AT_ONCE = 1024;

async function heldOutScores(
  { method }: AttributionWork,
  { features }: OpenMember,
  preconditioner: Preconditioner,
  others: readonly LabelledRow[],
): Promise<Float64Array> {
  const scores = new Float64Array(others.length);
  for (let from = 0; from < others.length; from += ROWS_AT_ONCE) {
    const rows = features.at(others.slice(from, from + ROWS_AT_ONCE));
    const outside = await preconditioner.selfScores(rows, 0);
    const inside = method.preconditioner === 'ridge' ? outside.map((h) => h / (1 + h)) : outside;
    scores.set(inside, from);
  }
  return scores;
}
