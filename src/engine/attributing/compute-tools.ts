/** @file What attribution and label issues compute with. */
import type { Executor } from '../../core/execution/executor.ts';
import type { MatrixEngine } from '../../core/linalg/matrix-engine.ts';
import type { TestedModel } from '../runtime/self-test-programs.ts';
import type { ReadPixels } from '../training/pixel-cache.ts';

export interface ComputeTools {
  readonly executor: Executor;
  /** Lets the executor choose where to compute, now that the model is known; without it the executor is used as it is. */
  readonly settleProvider?: (model: TestedModel) => Promise<void>;
  readonly matrixEngine: MatrixEngine;
  readonly readPixels: ReadPixels;
}
