/** @file A run worker whose work is whatever a test asks for: `sourcePath` names it, like 'count 20' or 'crash'. */
import { parentPort, workerData } from 'node:worker_threads';
import { CancelledError, throwIfCancelled } from '../src/core/base/app-error.ts';
import { present } from '../src/core/base/assert.ts';
import type { RunContext, RunSummary } from '../src/engine/runs/run-context.ts';
import { serveRuns } from '../src/engine/runs/serve-runs.ts';
import type { WorkerStart } from '../src/engine/runs/worker-messages.ts';

const { folderPath } = workerData as WorkerStart;

serveRuns(
  present(parentPort, 'the port of the worker'),
  async (plan, context) => {
    const order = plan.kind === 'import' ? plan.config.sourcePath : '';
    const [verb, count] = order.split(' ');
    if (verb === 'count') return countTo(Number(count), context);
    if (verb === 'wait') return waitForCancel(context);
    if (verb === 'throw') throw new Error('a bug in the work');
    if (verb === 'crash') process.exit(3);
    return { folderPath };
  },
  () => undefined,
);

/** One step a millisecond, each reported. */
async function countTo(count: number, context: RunContext): Promise<RunSummary> {
  for (let step = 1; step <= count; step++) {
    throwIfCancelled(context.signal);
    context.progress(`Step ${step} of ${count}`, step / count, { step });
    await new Promise((settle) => setTimeout(settle, 1));
  }
  return { counted: count };
}

async function waitForCancel(context: RunContext): Promise<never> {
  context.progress('Waiting', null);
  await new Promise((settle) => context.signal.addEventListener('abort', settle));
  throw new CancelledError();
}
