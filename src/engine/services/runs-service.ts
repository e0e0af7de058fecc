/** @file Long work: started, watched, stopped and resumed through the open project's queue. */
import type { runs } from '../../contract/runs-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { listRuns, readRun } from '../storage/runs.ts';
import type { EngineContext } from './engine-context.ts';
import { estimateRun } from './estimate-run.ts';

export function makeRunsHandlers(context: EngineContext): Handlers<typeof runs> {
  return {
    start: (plan) => context.project.queue.start(plan),
    estimate: (plan) =>
      estimateRun(context.project.connection, plan, (kind) => context.machine.speedOf(kind)),
    cancel: ({ runId }) => {
      context.project.queue.cancel(runId);
      return null;
    },
    resume: ({ runId }) => context.project.queue.resume(runId),
    get: ({ runId }) => readRun(context.project.connection, runId),
    list: () => listRuns(context.project.connection),
  };
}
