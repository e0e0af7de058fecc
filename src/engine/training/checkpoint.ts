/** @file A classifier training's state on disk after each epoch. */
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { EpochMetrics } from '../../contract/runs-service.ts';
import { readVectorFile, writeVectorFile } from '../artifacts/vector-file.ts';

/** Where a training stands between two epochs. */
export interface TrainingState {
  /** Epochs that are done. */
  readonly epoch: number;
  /** May have been halved because memory did not suffice. */
  readonly batchSize: number;
  readonly parameters: Float32Array;
  readonly optimizerState: Float32Array;
  /** Sums of what was seen of each training image (core/curation/training-dynamics.ts), in the order of the training rows. */
  readonly dynamics: Float32Array;
  readonly metrics: readonly EpochMetrics[];
  readonly best: { readonly epoch: number; readonly loss: number; readonly parameters: Float32Array } | null;
}

const Header = z.object({
  argumentsHash: z.string(),
  epoch: z.number().int(),
  batchSize: z.number().int(),
  metrics: z.array(EpochMetrics),
  best: z.object({ epoch: z.number().int(), loss: z.number() }).nullable(),
});

export function writeCheckpoint(path: string, argumentsHash: string, state: TrainingState): void {
  const { epoch, batchSize, parameters, optimizerState, dynamics, metrics, best } = state;
  const header: z.infer<typeof Header> = {
    argumentsHash,
    epoch,
    batchSize,
    metrics: [...metrics],
    best: best === null ? null : { epoch: best.epoch, loss: best.loss },
  };
  const vectors = [parameters, optimizerState, dynamics];
  writeVectorFile(path, header, best === null ? vectors : [...vectors, best.parameters]);
}

/** The state at `path`, or null where there is none or it is damaged; a file made with other arguments is refused. */
export function readCheckpoint(path: string, argumentsHash: string): TrainingState | null {
  const found = readVectorFile(path, Header);
  if (found === null) return null;
  const { argumentsHash: foundHash, epoch, batchSize, metrics, best } = found.header;
  if (foundHash !== argumentsHash)
    throw new AppError('artifact-arguments-differ', {
      path,
      difference: 'the training settings or the data',
    });
  const [parameters, optimizerState, dynamics, bestParameters] = found.vectors;
  return {
    epoch,
    batchSize,
    metrics,
    parameters: parameters!,
    optimizerState: optimizerState!,
    dynamics: dynamics!,
    best: best === null ? null : { ...best, parameters: bestParameters! },
  };
}
