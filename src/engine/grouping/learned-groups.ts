/** @file Groups of training images as far as a model learned them. */
import { AppError } from '../../core/base/app-error.ts';
import type { GroupId } from '../../contract/vocabulary.ts';
import type { LoadedDenoiser } from '../generating/loaded-denoiser.ts';
import { listGroupMembers, listGroups, readGroup } from '../storage/groups.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

export interface LearnedGroup {
  readonly id: GroupId;
  readonly name: string;
  /** In `model.learned`, rising. */
  readonly places: Int32Array;
}

/** Those of these numbers, or all where none are named. */
export function learnedGroups(
  { connection }: Pick<ProjectFolder, 'connection'>,
  model: LoadedDenoiser,
  wanted: readonly GroupId[],
): LearnedGroup[] {
  const ids = wanted.length === 0 ? listGroups(connection).map(({ id }) => id) : wanted;
  if (ids.length === 0) throw new AppError('groups-missing', { reason: 'the project has none' });
  const placeOf = new Map(model.learned.map(({ sampleId }, place) => [sampleId, place]));
  return ids.map((id) => {
    const { name } = readGroup(connection, id);
    const places = Int32Array.from(
      listGroupMembers(connection, id).flatMap((sampleId) => placeOf.get(sampleId) ?? []),
    ).sort();
    const refuse = (reason: string): never => {
      throw new AppError('group-useless', { name, modelId: model.id, reason });
    };
    if (places.length === 0) refuse('the model learned none of its images');
    if (places.length === model.learned.length) refuse('it is all that the model learned');
    return { id, name, places };
  });
}
