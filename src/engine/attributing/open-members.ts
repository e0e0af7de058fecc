/** @file The members of an attribution with their features: one after the other computed, or found in the store. */
import { neededArtifacts, type AttributionMethod } from '../../core/attribution/method.ts';
import { meanWeights } from '../../core/attribution/score-queries.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { Projection } from '../../core/nn/projection.ts';
import type { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { AttributionWork } from './attribution-work.ts';
import { MemberFeatures } from './member-features.ts';
import type { MemberModel } from './member-model.ts';
import type { StoredQuantity } from './member-stores.ts';

export interface OpenMember {
  readonly model: MemberModel;
  readonly features: MemberFeatures;
}

export interface OpenMembers {
  /** Those whose kernels are averaged. */
  readonly scoring: readonly OpenMember[];
  /** Those whose residuals are averaged. Empty where the method does not weigh by residuals. */
  readonly weighing: readonly OpenMember[];
}

/** Reports the fraction of this work alone. */
export async function openMembers(
  work: AttributionWork,
  models: readonly MemberModel[],
): Promise<OpenMembers> {
  const { method, choices, context } = work;
  const { residuals } = neededArtifacts(method);
  const wanted = models.filter((member) => residuals || member.contributes !== 'residuals');
  const scoring: OpenMember[] = [];
  const weighing: OpenMember[] = [];
  for (const [index, member] of wanted.entries()) {
    const quantity = quantityOf(method, choices, member);
    requireShortRows(quantity, member.network.parameterCount);
    const stage = stageOf('Gradients of the training images', member, wanted.length);
    const features = await MemberFeatures.open(work, member, quantity, (count, total) =>
      context.progress(stage, (index + count / total) / wanted.length, { images: count }),
    );
    const open = { model: member, features };
    if (member.contributes !== 'residuals') scoring.push(open);
    if (residuals && member.contributes !== 'scores') weighing.push(open);
  }
  return { scoring, weighing };
}

/** Mean residuals of the learned images; null where the method does not weigh by them. */
export function trainWeights({ weighing }: OpenMembers): Float64Array | null {
  if (weighing.length === 0) return null;
  return meanWeights(weighing.map(({ features }) => features.trainSide('residuals')));
}

/** What a person is told of work that each member of an ensemble repeats. */
export function stageOf(stage: string, { name }: MemberModel, memberCount: number): string {
  return memberCount === 1 ? stage : `${stage}, ${name}`;
}

function quantityOf(
  method: AttributionMethod,
  choices: AttributionChoices,
  member: MemberModel,
): StoredQuantity {
  const none: Projection = { kind: 'none', size: 0, seed: 0 };
  if (member.contributes === 'residuals')
    return { outputFunction: 'embedding', projection: none, sideOnly: true };
  // Embeddings are not shortened: whatever was asked for, they are the same.
  if (method.outputFunction === 'embedding')
    return { outputFunction: 'embedding', projection: none, sideOnly: false };
  const kind = method.gradients === 'factorised' ? 'factorised' : choices.projection;
  const projection = { kind, size: member.projectionSize, seed: member.projectionSeed };
  return { outputFunction: method.outputFunction, projection, sideOnly: false };
}

/** A Gram matrix of longer rows would take more than 2 GB. */
const LONGEST_ROW = 16_384;

function requireShortRows({ outputFunction, projection }: StoredQuantity, parameters: number): void {
  if (outputFunction !== 'embedding' && projection.kind === 'none' && parameters > LONGEST_ROW)
    throw new AppError('gradients-too-long', { parameters, longest: LONGEST_ROW });
}
