/** @file The members of an attribution with their features: one after the other computed, or found in the store. */
import { neededArtifacts, type AttributionMethod } from '../../core/attribution/method.ts';
import { meanWeights } from '../../core/attribution/score-queries.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { Projection } from '../../core/nn/projection.ts';
import type { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { AttributionWork } from './attribution-work.ts';
import { MemberFeatures, type ReadableFeatures } from './member-features.ts';
import type { MemberModel } from './member-model.ts';
import type { StoredQuantity } from './member-stores.ts';
import { WholeFeatures } from './whole-features.ts';

export interface OpenMember {
  readonly model: MemberModel;
  readonly features: ReadableFeatures;
}

/** A member whose residuals count in the mean weight. */
export interface WeighingMember extends OpenMember {
  readonly features: MemberFeatures;
}

export interface OpenMembers {
  /** Those whose kernels are averaged. */
  readonly scoring: readonly OpenMember[];
  /** Those whose residuals are averaged. Empty where the method does not weigh by residuals. */
  readonly weighing: readonly WeighingMember[];
}

/** Reports the fraction of this work alone. */
export async function openMembers(
  work: AttributionWork,
  models: readonly MemberModel[],
): Promise<OpenMembers> {
  const { method, choices, context } = work;
  if (method.gradients === 'whole')
    return {
      scoring: models
        .filter(({ contributes }) => contributes !== 'residuals')
        .map((model) => ({ model, features: new WholeFeatures(work, model) })),
      weighing: [],
    };
  const { residuals } = neededArtifacts(method);
  const wanted = models.filter((model) => residuals || model.contributes !== 'residuals');
  const scoring: OpenMember[] = [];
  const weighing: WeighingMember[] = [];
  for (const [index, model] of wanted.entries()) {
    const quantity = quantityOf(method, choices, model);
    requireShortRows(quantity, model.network.parameterCount);
    const stage = stageOf('Gradients of the training images', model, wanted.length);
    const features = await MemberFeatures.open(work, model, quantity, (count, total) =>
      context.progress(stage, (index + count / total) / wanted.length, { images: count }),
    );
    const member = { model, features };
    if (model.contributes !== 'residuals') scoring.push(member);
    if (residuals && model.contributes !== 'scores') weighing.push(member);
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
  { contributes, projectionSize, projectionSeed }: MemberModel,
): StoredQuantity {
  const unprojected: Projection = { kind: 'none', size: 0, seed: 0 };
  if (contributes === 'residuals') return { outputFunction: 'none', projection: unprojected };
  // Embeddings are not shortened: whatever was asked for, they are the same.
  if (method.outputFunction === 'embedding') return { outputFunction: 'embedding', projection: unprojected };
  const kind = method.gradients === 'factorised' ? 'factorised' : choices.projection;
  return {
    outputFunction: method.outputFunction,
    projection: { kind, size: projectionSize, seed: projectionSeed },
  };
}

/** A Gram matrix of longer rows would take more than 2 GB. */
const LONGEST_ROW = 16_384;

function requireShortRows({ outputFunction, projection }: StoredQuantity, parameters: number): void {
  const isGradient = outputFunction === 'loss' || outputFunction === 'margin';
  if (isGradient && projection.kind === 'none' && parameters > LONGEST_ROW)
    throw new AppError('gradients-too-long', { parameters, longest: LONGEST_ROW });
}
