/** @file Two trainings with an extra class, which tell where the area under the margin becomes suspicious. */
import { AppError } from '../../core/base/app-error.ts';
import {
  drawThresholdSamples,
  flagByMargin,
  type MarginThresholds,
} from '../../core/curation/aum-threshold.ts';
import { meanDynamics } from '../../core/curation/training-dynamics.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import { isFromFile } from '../modelling/network-description.ts';
import { retrain, type RetrainWork } from '../evaluating/retrain.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readModelOf } from '../training/model-artifact.ts';
import type { LearnedRows } from './gradient-norms.ts';

/** Trains the model's architecture by its recipe, from fresh weights, with one class more; flags are of `learned.rows`. */
export async function findMarginThreshold(
  folder: ProjectFolder,
  work: RetrainWork,
  learned: LearnedRows,
): Promise<MarginThresholds> {
  const network = widenedNetwork(folder, work);
  const widened: RetrainWork = { ...work, recipe: { ...work.recipe, network, origin: 'one class more' } };
  const classCount = network.outputCount - 1;
  const { rows, labels, onProgress } = learned;
  const draws = drawThresholdSamples(rows.length, classCount, work.recipe.settings.seed);
  const trainings = [];
  for (const [index, drawn] of draws.entries()) {
    const ownLabels = labels.slice();
    for (const place of drawn) ownLabels[rows[place]!] = classCount;
    const { observed } = await retrain(widened, {
      rows,
      labels: ownLabels,
      stream: `margin threshold ${index}`,
      onProgress: (fraction) => onProgress?.((index + fraction) / draws.length),
    });
    const { margins } = meanDynamics([{ ...observed, places: Int32Array.from(rows.keys()) }], rows.length);
    trainings.push({ margins, drawn });
  }
  return flagByMargin(trainings, rows.length);
}

function widenedNetwork(folder: ProjectFolder, { model }: RetrainWork): ReturnType<typeof buildClassifier> {
  const { network } = readModelOf(folder, readModel(folder.connection, model.id));
  if (isFromFile(network))
    throw new AppError('model-cannot-retrain', {
      modelId: model.id,
      reason: 'a threshold of the margin needs an extra class, which only the built-in networks can be given',
    });
  return buildClassifier({ ...network, classCount: network.classCount + 1 });
}
