/** @file Work that is a part of other work reports its own fraction; here it becomes a stretch of the whole. */
import type { RunContext } from '../runs/run-context.ts';

type Reporting = Pick<RunContext, 'signal' | 'progress'>;

/** The same context, in which 0…1 stands for `from`…`to` of the whole. */
export function partOf<Context extends Reporting>(context: Context, from: number, to: number): Context {
  return {
    ...context,
    progress: (stage, fraction, figures) =>
      context.progress(stage, fraction === null ? null : from + fraction * (to - from), figures),
  };
}
