/** @file The score of every image of the train split for itself. */
import { meanWeights, selfInfluence, type SelfScoringMember } from '../../core/attribution/score-queries.ts';
import type { Preconditioner } from '../../core/attribution/preconditioner.ts';
import type { InfluenceRow } from '../storage/influences.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { LabelledRow } from './loaded-model.ts';
import type { MemberAdjustment } from './member-adjustment.ts';
import { trainWeights, type OpenMember, type OpenMembers } from './open-members.ts';

/** A member in its turn. */
export interface FittedMember {
  readonly preconditioner: Preconditioner;
  readonly adjustment: MemberAdjustment;
}

/**
 * What the model learned: φᵀPφ, weighted. `others`, which it did not learn and whose features are there, get what they would have inside
 * the kernel: h/(1 + h), with h = φᵀPφ from what was learned (Sherman–Morrison).
 */
export async function selfScores(
  work: AttributionWork,
  members: OpenMembers,
  fit: (member: OpenMember) => Promise<FittedMember>,
  others: readonly LabelledRow[],
): Promise<InfluenceRow[]> {
  const heldOut: Float64Array[] = [];
  async function* inTurn(): AsyncGenerator<SelfScoringMember> {
    for (const member of members.scoring) {
      const fitted = await fit(member);
      heldOut.push(await heldOutScores(member, fitted, others));
      const { preconditioner, adjustment } = fitted;
      yield {
        preconditioner: adjustment.selfScoring(preconditioner),
        train: member.features.train(),
        adjust: adjustment.ofSelfScores,
      };
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
  { features }: OpenMember,
  { preconditioner, adjustment }: FittedMember,
  others: readonly LabelledRow[],
): Promise<Float64Array> {
  const scores = new Float64Array(others.length);
  for (let from = 0; from < others.length; from += ROWS_AT_ONCE) {
    const some = others.slice(from, from + ROWS_AT_ONCE);
    scores.set(await adjustment.heldOut(preconditioner, await features.at(some), some), from);
  }
  return scores;
}
