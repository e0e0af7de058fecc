/** @file The run that chooses the images worth training on. */
import { AppError } from '../../core/base/app-error.ts';
import type { SelectConfig } from '../../contract/selection-config.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

export function selectRun(
  _folder: ProjectFolder,
  _config: SelectConfig,
  _context: RunContext,
  _tools: ComputeTools,
): Promise<RunSummary> {
  return Promise.reject(new AppError('usage-invalid', { reason: 'This run does not exist yet' }));
}
