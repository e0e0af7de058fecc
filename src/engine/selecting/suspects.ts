/** @file Candidates whose label out-of-sample predictions speak against, so that no strategy takes label errors for hard images. */
import { confidentJoint, flagByNoiseRate } from '../../core/curation/confident-joint.ts';
import { examineImages } from '../finding/examined-images.ts';
import { readModel } from '../storage/models.ts';
import type { SelectionWork } from './selection-work.ts';

/** Numbers of the candidates that confident learning flags; none where the model was trained without cross-validation. */
export function findSuspects({ folder, model, candidates }: SelectionWork): ReadonlySet<number> {
  if (readModel(folder.connection, model.id).outOfSampleAccuracy === null) return new Set();
  const { ids, labelled } = examineImages(folder.connection, model.id);
  const flags = flagByNoiseRate(labelled, confidentJoint(labelled));
  const flagged = new Set(ids.filter((_, place) => flags[place] === 1));
  return new Set(
    candidates.images.flatMap(({ sampleId }, candidate) => (flagged.has(sampleId) ? [candidate] : [])),
  );
}
