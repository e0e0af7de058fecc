/** @file A synset made ready to be asked, with the model that it was distilled for. */
import { AppError } from '../../core/base/app-error.ts';
import type { SynsetId } from '../../contract/datamodel-configs.ts';
import type { ModelId, RunId } from '../../contract/vocabulary.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import type { Connection } from '../storage/connection.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { addRunProvenance, readRunProvenance } from '../storage/runs.ts';
import { readSynset, type StoredSynset } from '../storage/synsets.ts';
import { readSynsetArtifact, type SynsetArtifact } from './synset-artifact.ts';

/** 'The newest synset' is decided when a run starts: a resumed run goes on with that one. */
export function pinSynset(
  connection: Connection,
  runId: RunId,
  { synsetId, modelId }: { readonly synsetId: SynsetId | null; readonly modelId: ModelId | null },
): StoredSynset {
  const { synsetId: pinned } = readRunProvenance(connection, runId);
  if (typeof pinned === 'number') return readSynset(connection, pinned as SynsetId);
  const synset = readSynset(connection, synsetId, modelId);
  addRunProvenance(connection, runId, { synsetId: synset.id });
  return synset;
}

/** Refused where the model's weights are no longer those that it was distilled for. */
export function openSynset(
  folder: ProjectFolder,
  { artifact, id }: StoredSynset,
  model: LoadedModel,
): SynsetArtifact {
  const found = readSynsetArtifact(folder, artifact);
  if (found.modelSha256 !== model.parametersSha256)
    throw new AppError('artifact-arguments-differ', {
      path: artifact,
      difference: `the weights of model ${model.id} are not those of synset ${id}`,
    });
  return found;
}
