/** @file An executor that tells what its sessions are fed. */
import type { Executor, Feeds } from '../src/core/execution/executor.ts';

/** `onRun` is told of every run, before it is done; what it keeps of the feeds it has to copy. */
export function watchRuns(executor: Executor, onRun: (feeds: Feeds) => void): Executor {
  return {
    profile: executor.profile,
    open: async (program) => {
      const session = await executor.open(program);
      return {
        run: (feeds, outputs) => {
          onRun(feeds);
          return session.run(feeds, outputs);
        },
        dispose: () => session.dispose(),
      };
    },
  };
}
