/** @file Chosen subsets. */
import { AppError } from '../../core/base/app-error.ts';
import type { Handlers } from '../../contract/service.ts';
import type { subsets } from '../../contract/subsets-service.ts';

export function makeSubsetsHandlers(): Handlers<typeof subsets> {
  return {
    list: () => [],
    rename: () => null,
    remove: () => null,
    export: () => Promise.reject(new AppError('usage-invalid', { reason: 'There is no subset yet' })),
  };
}
