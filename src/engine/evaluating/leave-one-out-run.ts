/** @file The run that leaves single images out. */
import { AppError } from '../../core/base/app-error.ts';
import type { EvaluateLeaveOneOutConfig } from '../../contract/evaluation-configs.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

export function leaveOneOutRun(
  _folder: ProjectFolder,
  _config: EvaluateLeaveOneOutConfig,
  _context: RunContext,
  _tools: ComputeTools,
): Promise<RunSummary> {
  return Promise.reject(new AppError('usage-invalid', { reason: 'This run does not exist yet' }));
}
