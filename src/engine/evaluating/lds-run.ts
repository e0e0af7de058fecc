/** @file The run that measures a linear datamodeling score. */
import { AppError } from '../../core/base/app-error.ts';
import type { EvaluateLdsConfig } from '../../contract/evaluation-configs.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

export function ldsRun(
  _folder: ProjectFolder,
  _config: EvaluateLdsConfig,
  _context: RunContext,
  _tools: ComputeTools,
): Promise<RunSummary> {
  return Promise.reject(new AppError('usage-invalid', { reason: 'This run does not exist yet' }));
}
