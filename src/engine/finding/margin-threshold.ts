/** @file Two trainings with an extra class, which tell where the area under the margin becomes suspicious. */
import { AppError } from '../../core/base/app-error.ts';
import {
  drawThresholdSamples,
  flagByMargin,
  type MarginThresholds,
} from '../../core/curation/aum-threshold.ts';
import { meanDynamics } from '../../core/curation/training-dynamics.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import { isFromFile } from '../modelling/network-description.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readModelOf } from '../training/model-artifact.ts';
import { trainFresh, type FreshWork, type LearnedRows } from './fresh-training.ts';

/** Trains the model's architecture by its recipe, from fresh weights, with one class more; flags are of `learned.rows`, which `onProgress` hears of. */
export async function findMarginThreshold(
  folder: ProjectFolder,
  work: FreshWork & { readonly model: LoadedModel },
  learned: LearnedRows,
): Promise<MarginThresholds> {
  const network = widenedNetwork(folder, work.model);
  const widened: FreshWork = { ...work, recipe: { ...work.recipe, network, origin: 'one class more' } };
  const classCount = network.outputCount - 1;
  const { rows, labels, onProgress } = learned;
  const draws = drawThresholdSamples(rows.length, classCount, work.recipe.settings.seed);
  const trainings = [];
  for (const [index, drawn] of draws.entries()) {
    const ownLabels = labels.slice();
    for (const place of drawn) ownLabels[rows[place]!] = classCount;
    const ownRows = {
      rows,
      labels: ownLabels,
      onProgress: (fraction: number) => onProgress?.((index + fraction) / draws.length),
    };
    const { observed } = await trainFresh(widened, ownRows, `margin threshold ${index}`);
    const { margins } = meanDynamics([{ ...observed, places: Int32Array.from(rows.keys()) }], rows.length);
    trainings.push({ margins, drawn });
  }
  return flagByMargin(trainings, rows.length);
}

function widenedNetwork(folder: ProjectFolder, model: LoadedModel): ReturnType<typeof buildClassifier> {
  const { network } = readModelOf(folder, readModel(folder.connection, model.id));
  if (isFromFile(network))
    throw new AppError('model-cannot-retrain', {
      modelId: model.id,
      reason: 'a threshold of the margin needs an extra class, which only the built-in networks can be given',
    });
  return buildClassifier({ ...network, classCount: network.classCount + 1 });
}
