/** @file Which images an evaluation measures: labelled ones that the model did not learn. */
import { AppError } from '../../core/base/app-error.ts';
import { Random } from '../../core/base/random.ts';
import type { LabelledRow, LoadedModel } from '../attributing/loaded-model.ts';

type QueriedModel = Pick<LoadedModel, 'id' | 'samples' | 'learned' | 'classIds'>;

/** At most `count`, from the test split, else from val, else held out of the train split; in the order of rows. */
export function drawQueries(model: QueriedModel, count: number, seed: number): LabelledRow[] {
  const candidates = queryCandidates(model);
  const drawn = new Random(seed, 'evaluation queries').permutation(candidates.length).subarray(0, count);
  return Array.from(drawn.sort(), (place) => candidates[place]!);
}

/** All of the first split that has any. */
export function queryCandidates(model: QueriedModel): LabelledRow[] {
  const learned = new Set(model.learned.map((row) => row.sampleId));
  const indexOfClass = new Map(model.classIds.map((classId, index) => [classId, index]));
  const unseen = model.samples.flatMap(({ id, label, split }, row) => {
    const classIndex = label === null ? undefined : indexOfClass.get(label);
    return classIndex === undefined || learned.has(id) ? [] : [{ sampleId: id, row, classIndex, split }];
  });
  for (const wanted of ['test', 'val', 'train'] as const) {
    const found = unseen.filter(({ split }) => split === wanted);
    if (found.length > 0)
      return found.map(({ sampleId, row, classIndex }) => ({ sampleId, row, classIndex }));
  }
  throw new AppError('labels-missing', {
    reason: `there is none that model ${model.id} did not learn; import a test split, or train with a validation share`,
  });
}
