/** @file What stands between the features of two images for one member of an ensemble. */
import { AppError } from '../../core/base/app-error.ts';
import {
  fitPrimal,
  identityPreconditioner,
  type Preconditioner,
} from '../../core/attribution/preconditioner.ts';
import { tuneDamping } from '../../core/attribution/tune-damping.ts';
import { gramOf, gramPrecision } from '../../core/linalg/gram.ts';
import type { AttributionWork } from './attribution-work.ts';
import { marginsFrom } from './compute-features.ts';
import type { MemberFeatures } from './member-features.ts';

/** `relativeDamping`: as it was asked for, or as it was found for an earlier member; null: to be found now. */
export async function fitMember(
  { method, choices, tools }: AttributionWork,
  features: MemberFeatures,
  relativeDamping: number | null,
): Promise<Preconditioner> {
  const engine = tools.matrixEngine;
  if (method.preconditioner === 'identity') return identityPreconditioner(engine);
  if (method.preconditioner !== 'ridge')
    throw new AppError('usage-invalid', { reason: `${choices.method} cannot be computed yet` });
  if (relativeDamping !== null) {
    const gram = await gramOf(features.train(), engine, gramPrecision(relativeDamping));
    return fitPrimal(gram, relativeDamping, engine);
  }
  const margins = marginsFrom(features.trainSide('losses'), features.trainSide('residuals'));
  const tuned = await tuneDamping(() => features.train(), margins, engine, { seed: choices.seed });
  return fitPrimal(tuned.gram, tuned.damping.relative, engine);
}
