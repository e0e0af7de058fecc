/** @file What stands between the features of two images for one member of an ensemble. */
import { assert } from '../../core/base/assert.ts';
import {
  fitPrimal,
  identityPreconditioner,
  type Preconditioner,
} from '../../core/attribution/preconditioner.ts';
import { defaultRelativeDamping } from '../../core/attribution/curvature/curvature-operator.ts';
import { tuneDamping } from '../../core/attribution/tune-damping.ts';
import { gramOf, gramPrecision } from '../../core/linalg/gram.ts';
import type { AttributionWork } from './attribution-work.ts';
import { marginsFrom } from './compute-features.ts';
import { fitCurvature } from './curvature/fit-curvature.ts';
import { MemberFeatures } from './member-features.ts';
import { featureModelOf } from './member-network.ts';
import type { OpenMember } from './open-members.ts';

export interface FittedPreconditioner extends Preconditioner {
  /** Releases what is behind it. */
  dispose(): Promise<void>;
}

/** `relativeDamping`: as it was asked for, or as it was found for an earlier member; null: to be found now. */
export async function fitMember(
  work: AttributionWork,
  { model, features }: OpenMember,
  relativeDamping: number | null,
): Promise<FittedPreconditioner> {
  const { method, choices, tools } = work;
  if (method.preconditioner === 'identity')
    return withoutSessions(identityPreconditioner(tools.matrixEngine));
  if (method.preconditioner === 'ridge') {
    assert(features instanceof MemberFeatures, 'a ridge is fitted to stored features');
    return withoutSessions(await fitRidge(work, features, relativeDamping));
  }
  const { projectionSize: size, projectionSeed: seed } = model;
  const member = {
    ...featureModelOf(work, model),
    learned: work.model.learned,
    projection: method.gradients === 'whole' ? null : ({ kind: 'factorised', size, seed } as const),
  };
  const settings = {
    relativeDamping,
    iterations: choices.iterations,
    weightDecay: work.weightDecay,
    seed: choices.seed,
  };
  return fitCurvature(method.preconditioner, member, settings, tools, work.context);
}

/** Margins are linear in their own gradients, so held-out margins can choose the damping; gradients of the loss have nothing to be held against. */
async function fitRidge(
  { method, choices, tools }: AttributionWork,
  features: MemberFeatures,
  relativeDamping: number | null,
): Promise<Preconditioner> {
  const engine = tools.matrixEngine;
  if (relativeDamping !== null || method.outputFunction !== 'margin') {
    const relative = relativeDamping ?? defaultRelativeDamping;
    return fitPrimal(await gramOf(features.train(), engine, gramPrecision(relative)), relative, engine);
  }
  const margins = marginsFrom(features.trainSide('losses'), features.trainSide('residuals'));
  const tuned = await tuneDamping(() => features.train(), margins, engine, { seed: choices.seed });
  return fitPrimal(tuned.gram, tuned.damping.relative, engine);
}

function withoutSessions(preconditioner: Preconditioner): FittedPreconditioner {
  return { ...preconditioner, dispose: () => Promise.resolve() };
}
