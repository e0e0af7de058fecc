/** @file A resumed run must find the images and labels that it started with. */
import { AppError } from '../../core/base/app-error.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import type { Connection } from '../storage/connection.ts';
import { addRunProvenance, readRunProvenance } from '../storage/runs.ts';

/** Keeps the hash of the data a run reads; refuses to go on where it is no longer what the run began with. */
export function requireSameData(connection: Connection, runId: RunId, dataHash: string): void {
  const { dataHash: before } = readRunProvenance(connection, runId);
  if (before !== undefined && before !== dataHash)
    throw new AppError('run-arguments-differ', {
      runId,
      difference: 'images or labels have changed since then',
    });
  addRunProvenance(connection, runId, { dataHash });
}
