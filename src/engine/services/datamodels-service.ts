/** @file Synsets of models, and what they answered. */
import { join } from 'node:path';
import { shareAmongMembers } from '../../core/attribution/datamodel/share-among-members.ts';
import type { datamodels, SynsetCluster } from '../../contract/datamodels-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { AppError } from '../../core/base/app-error.ts';
import { readAttributionMatrix } from '../distilling/attribution-matrix.ts';
import { readSynsetArtifact } from '../distilling/synset-artifact.ts';
import { synsetPictures } from '../distilling/synset-pictures.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { listAnswers, listSynsets, readAnswer, readSynset, removeSynset } from '../storage/synsets.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import type { EngineContext } from './engine-context.ts';

export function makeDatamodelsHandlers(context: EngineContext): Handlers<typeof datamodels> {
  return {
    synsets: () => listSynsets(context.project.connection).map(({ artifact: _, ...synset }) => synset),
    clusters: (request) => clustersOf(context.project.folder, request),
    members: ({ runId, cluster }) => membersOf(context.project.folder, runId, cluster),
    answers: ({ synsetId }) => listAnswers(context.project.connection, synsetId),
    remove: ({ id }) => {
      removeSynset(context.project.connection, id);
      context.emit('datamodels', 'changed', undefined);
      return null;
    },
  };
}

function clustersOf(
  folder: ProjectFolder,
  {
    id,
    from,
    count,
  }: { readonly id: Parameters<typeof removeSynset>[1]; readonly from: number; readonly count: number },
): { imageSize: number; clusters: SynsetCluster[] } {
  const { artifact, modelId } = readSynset(folder.connection, id);
  const { normalization, classIds, imageSize } = readModel(folder.connection, modelId);
  const { synset, examples } = readSynsetArtifact(folder, artifact);
  const clusters = Array.from(synset.sizes.keys()).slice(from, from + count);
  return {
    imageSize,
    clusters: clusters.map((index) => ({
      index,
      classId: classIds[synset.classes[index]!]!,
      sampleCount: synset.sizes[index]!,
      examples: [...examples[index]!],
      scales: [
        ...synset.scales.subarray(index * synset.imagesPerCluster, (index + 1) * synset.imagesPerCluster),
      ],
      pictures: synsetPictures(synset, index, normalization, imageSize),
    })),
  };
}

/** The mean effect of a cluster on the images asked about, shared among its images. */
function membersOf(folder: ProjectFolder, runId: RunId, cluster: number) {
  const { artifact, synsetId } = readAnswer(folder.connection, runId);
  const { matrix } = readAttributionMatrix(join(folder.path, artifact));
  const { assignment, sampleIds, likenesses, synset } = readSynsetArtifact(
    folder,
    readSynset(folder.connection, synsetId).artifact,
  );
  if (matrix.columns !== synset.sizes.length || cluster >= matrix.columns)
    throw new AppError('usage-invalid', { reason: `Run ${runId} has no score of cluster ${cluster}` });
  let sum = 0;
  for (let query = 0; query < matrix.rows; query++) sum += matrix.data[query * matrix.columns + cluster]!;
  const places = Array.from(assignment.keys()).filter((place) => assignment[place] === cluster);
  const shares = shareAmongMembers(
    sum / matrix.rows,
    places.map((place) => likenesses[place]!),
  );
  return places
    .map((place, index) => ({ sampleId: sampleIds[place]!, score: shares[index]! }))
    .sort((a, b) => b.score - a.score);
}
