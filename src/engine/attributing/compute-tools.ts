/** @file What attribution and label issues compute with. */
import type { Executor } from '../../core/execution/executor.ts';
import type { MatrixEngine } from '../../core/linalg/matrix-engine.ts';
import type { ReadPixels } from '../training/pixel-cache.ts';

export interface ComputeTools {
  readonly executor: Executor;
  readonly matrixEngine: MatrixEngine;
  readonly readPixels: ReadPixels;
}
