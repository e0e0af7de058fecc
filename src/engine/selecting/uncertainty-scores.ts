/** @file Candidates drawn by chance, in proportion to how undecided models were about them that had not learned them. */
import { AppError } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import { entropies } from '../../core/curation/class-probabilities.ts';
import { drawKeys } from '../../core/selection/draw-keys.ts';
import { examineImages } from '../finding/examined-images.ts';
import { readModel } from '../storage/models.ts';
import type { SelectionWork } from './selection-work.ts';

/** In nats, added to every entropy: some certain images are drawn too, so that the middle of a class is not missing. */
const CERTAIN_WEIGHT = 0.05;

/** Keys of the draw: the highest are taken. */
export function uncertaintyScores({ folder, model, candidates, choices }: SelectionWork): Float64Array {
  if (readModel(folder.connection, model.id).outOfSampleAccuracy === null)
    throw new AppError('subset-strategy-unavailable', {
      strategy: 'uncertainty',
      modelId: model.id,
      reason:
        'it was trained without cross-validation, so no model has judged images that it had not learned',
    });
  const { ids, labelled } = examineImages(folder.connection, model.id);
  const found = entropies(labelled);
  const entropyOf = new Map(ids.map((id, place) => [id, found[place]!]));
  const weights = candidates.images.map(({ sampleId }) => CERTAIN_WEIGHT + (entropyOf.get(sampleId) ?? NaN));
  return drawKeys(weights, new Random(choices.seed, 'selection/uncertainty'));
}
