/** @file How strongly the weights of a model were held back in its training. */
import type { LoadedModel } from '../attributing/loaded-model.ts';
import { recipeOf } from '../evaluating/recipe.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';

/** As SGD applies it; zero where the training used AdamW, whose decay is none of the objective, or where the model cannot be trained again. */
export function weightDecayOf(folder: ProjectFolder, model: LoadedModel): number {
  const { settings } = recipeOf(folder, model);
  return settings.optimizer === 'sgd' ? settings.weightDecay : 0;
}
