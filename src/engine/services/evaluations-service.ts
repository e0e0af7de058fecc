/** @file What was measured about the methods. */
import type { evaluations } from '../../contract/evaluations-service.ts';
import type { Handlers } from '../../contract/service.ts';

export function makeEvaluationsHandlers(): Handlers<typeof evaluations> {
  return { list: () => [], remove: () => null };
}
