/** @file What forgotten images are drawn to, settled for one model. */
import { AppError } from '../../core/base/app-error.ts';
import type { UnlearningTarget } from '../../contract/generation-configs.ts';
import type { Denoiser } from '../generating/denoiser.ts';

export type SettledTarget = Exclude<UnlearningTarget, 'auto'>;

/**
 * Where a model is told classes, nothing that stays may be told the class of a forgotten one, so that no retained image says what it should predict: another
 * class stands in. Throws `anchors-missing` where that is asked of a model that is told none.
 */
export function settleTarget(
  target: UnlearningTarget,
  { classCount }: Pick<Denoiser, 'classCount'>,
): SettledTarget {
  const hasOthers = classCount > 1;
  if (target === 'auto') return hasOthers ? 'anchor' : 'softmax';
  if (target === 'anchor' && !hasOthers)
    throw new AppError('anchors-missing', {
      reason: classCount === 0 ? 'the model is not told classes' : 'the model is told a single class',
    });
  return target;
}
