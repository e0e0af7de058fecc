/** @file A program of ours as an entrant of a race: ONNX Runtime in this process. */
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import type { Fetches } from '../src/core/execution/executor.ts';
import type { Entrant } from './paired.ts';
import type { Contender } from './speed.ts';

export interface OwnEntrant extends Entrant {
  readonly result: () => Promise<Fetches>;
  readonly close: () => Promise<void>;
}

export async function openOwn(
  name: string,
  { program, feeds }: Contender,
  threads: number,
): Promise<OwnEntrant> {
  const session = await createOrtExecutor({ threads }).open(program);
  return {
    name,
    run: async (steps) => {
      const start = performance.now();
      const before = process.cpuUsage();
      for (let step = 0; step < steps; step++) await session.run(feeds);
      const used = process.cpuUsage(before);
      return {
        seconds: (performance.now() - start) / 1e3,
        processorSeconds: (used.user + used.system) / 1e6,
      };
    },
    result: () => session.run(feeds),
    close: () => session.dispose(),
  };
}
