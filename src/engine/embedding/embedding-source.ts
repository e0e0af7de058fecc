/** @file Which network or which pixels images are embedded by. Decided when a run starts: a resumed run goes on with the same. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import type { EmbeddingChoices } from '../../contract/embedding-choices.ts';
import { ModelId, type RunId } from '../../contract/vocabulary.ts';
import { storeModelFile } from '../modelling/store-model-file.ts';
import type { Connection } from '../storage/connection.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { addRunProvenance, readRunProvenance } from '../storage/runs.ts';

const EmbeddingSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('model'), modelId: ModelId }),
  /** The file as the project keeps it, relative to the project. */
  z.object({ kind: z.literal('file'), file: z.string() }),
  z.object({ kind: z.literal('pixels') }),
]);
export type EmbeddingSource = z.infer<typeof EmbeddingSource>;

/** Throws where there is no such model or file. */
export function pinEmbeddingSource(
  folder: ProjectFolder,
  runId: RunId,
  choices: EmbeddingChoices,
): EmbeddingSource {
  const { connection } = folder;
  const { embeddingSource: pinned } = readRunProvenance(connection, runId);
  if (pinned !== undefined) return EmbeddingSource.parse(pinned);
  const embeddingSource = chooseSource(folder, choices);
  addRunProvenance(connection, runId, { embeddingSource });
  return embeddingSource;
}

function chooseSource(folder: ProjectFolder, { source, modelId, file }: EmbeddingChoices): EmbeddingSource {
  switch (source) {
    case 'pixels':
      return { kind: 'pixels' };
    case 'file':
      if (file === '') throw new AppError('call-invalid', { name: 'embedding', reason: 'no file was named' });
      return { kind: 'file', file: storeModelFile(folder.path, resolve(file)) };
    case 'model':
      return { kind: 'model', modelId: readModel(folder.connection, modelId).id };
    case 'auto': {
      const newest = newestClassifier(folder.connection);
      return newest === null ? { kind: 'pixels' } : { kind: 'model', modelId: newest };
    }
  }
}

function newestClassifier(connection: Connection): ModelId | null {
  const id = connection.prepare(`SELECT max(id) FROM models WHERE task = 'classify'`).pluck().get();
  return id as ModelId | null;
}
