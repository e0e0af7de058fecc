/** @file Decisions handed on as files. */
import { resolve } from 'node:path';
import type { exports } from '../../contract/findings-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { exportLabels } from '../exporting/export-labels.ts';
import type { EngineContext } from './engine-context.ts';

export function makeExportsHandlers(context: EngineContext): Handlers<typeof exports> {
  return {
    labels: ({ path, ...options }) =>
      exportLabels(context.project.folder, { path: resolve(path), ...options }),
  };
}
