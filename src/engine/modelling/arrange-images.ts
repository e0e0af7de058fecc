/** @file The project's images from the view of a brought model: their classes as its outputs, and which of them it learned. */
import type { ClassId } from '../../contract/vocabulary.ts';
import type { PresentSample } from '../storage/labelled-samples.ts';
import { hashSamples, type TrainingSet } from '../training/training-set.ts';

export interface ArrangedImages extends Pick<
  TrainingSet,
  'samples' | 'classIds' | 'labels' | 'testRows' | 'dataHash'
> {
  readonly learnedRows: Int32Array;
}

/** `hasLearned`: the labelled images of the train split are what the model was trained on, elsewhere and whatever is excluded here. */
export function arrangeImages(
  samples: readonly PresentSample[],
  classIds: readonly ClassId[],
  hasLearned: boolean,
): ArrangedImages {
  const indexOfClass = new Map(classIds.map((classId, index) => [classId, index]));
  const labels = Int32Array.from(samples, ({ label }) =>
    label === null ? -1 : (indexOfClass.get(label) ?? -1),
  );
  const labelledRows = (split: PresentSample['split']): Int32Array =>
    Int32Array.from(samples.keys()).filter((row) => samples[row]!.split === split && labels[row]! >= 0);
  return {
    samples,
    classIds,
    labels,
    testRows: labelledRows('test').filter((row) => samples[row]!.excluded === 0),
    dataHash: hashSamples(samples),
    learnedRows: hasLearned ? labelledRows('train') : new Int32Array(0),
  };
}
