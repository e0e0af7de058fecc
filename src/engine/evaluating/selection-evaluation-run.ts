/** @file The run that compares strategies of selection by training again. */
import { AppError } from '../../core/base/app-error.ts';
import type { EvaluateSelectionConfig } from '../../contract/selection-config.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

export function selectionEvaluationRun(
  _folder: ProjectFolder,
  _config: EvaluateSelectionConfig,
  _context: RunContext,
  _tools: ComputeTools,
): Promise<RunSummary> {
  return Promise.reject(new AppError('usage-invalid', { reason: 'This run does not exist yet' }));
}
