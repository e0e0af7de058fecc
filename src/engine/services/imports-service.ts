/** @file Looking into a source before it is imported, and at what could not be read of it. */
import type { imports } from '../../contract/imports-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { inspectAsBefore, inspectSource } from '../importing/inspect-source.ts';
import { pageProblems } from '../storage/imports.ts';
import type { EngineContext } from './engine-context.ts';

export function makeImportsHandlers(context: EngineContext): Handlers<typeof imports> {
  return {
    inspect: (choices) => {
      const open = context.projectOrNull;
      return open === null ? inspectSource(choices) : inspectAsBefore(open.connection, choices);
    },
    problems: (page) => pageProblems(context.project.connection, page),
  };
}
