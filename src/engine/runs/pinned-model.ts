/** @file 'The newest model' is decided when a run starts: a resumed run goes on with that one. */
import type { ModelTask } from '../../contract/models-service.ts';
import { ModelId, type RunId } from '../../contract/vocabulary.ts';
import type { Connection } from '../storage/connection.ts';
import { readModel } from '../storage/models.ts';
import { addRunProvenance, readRunProvenance } from '../storage/runs.ts';

export function pinModel(
  connection: Connection,
  runId: RunId,
  wanted: ModelId | null,
  task: ModelTask = 'classify',
): ModelId {
  const { modelId: pinned } = readRunProvenance(connection, runId);
  if (typeof pinned === 'number') return ModelId.parse(pinned);
  const { id } = readModel(connection, wanted, task);
  addRunProvenance(connection, runId, { modelId: id });
  return id;
}
