/** @file The members of an ensemble of a project's model: found where they were made before, made where they are missing. */
import { join } from 'node:path';
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';
import { recipeOf } from '../../evaluating/recipe.ts';
import type { RunContext } from '../../runs/run-context.ts';
import { readModel } from '../../storage/models.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import { checkpointsPath } from '../../training/kept-checkpoints.ts';
import type { ComputeTools } from '../compute-tools.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { MemberModel } from '../member-model.ts';
import { makeMembers } from './make-members.ts';

/**
 * The members that `choices` asks for, the model itself first where it is one of them. Trains and fine-tunes what is missing; what was trained
 * before under the same choices, data and recipe is taken from the project. `context.progress` hears fractions of the preparation.
 */
export function prepareMembers(
  folder: ProjectFolder,
  model: LoadedModel,
  choices: AttributionChoices,
  { signal, progress }: Pick<RunContext, 'signal' | 'progress'>,
  { executor }: Pick<ComputeTools, 'executor'>,
): Promise<MemberModel[]> {
  const { artifact } = readModel(folder.connection, model.id);
  const work = {
    model,
    recipe: () => recipeOf(folder, model),
    checkpointsPath: checkpointsPath(join(folder.path, artifact)),
    modelId: model.id,
    executor,
    path: join(folder.modelsPath, 'members'),
    signal,
    progress,
  };
  return makeMembers(work, choices);
}
