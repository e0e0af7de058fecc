/** @file How many labels of each class are wrong, and what they should be. */
import { apportion } from '../linalg/apportion.ts';
import { suggestedLabels, type LabelledProbabilities } from './class-probabilities.ts';

/**
 * [classes, classes] row by row: samples by given and estimated true label, in whole numbers; each row sums to the samples given that label.
 * A sample counts as its suggested class by its probability of being wrong, as its given one by the rest: the expected joint. Confident
 * learning's joint counts a model's own confusions as label noise; on hard data it is several times too large.
 */
export function noiseMatrix(input: LabelledProbabilities, wrong: Float64Array): Float64Array {
  const { labels, classCount } = input;
  const expected = new Float64Array(classCount * classCount);
  for (const [sample, suggested] of suggestedLabels(input).entries()) {
    const row = labels[sample]! * classCount;
    expected[row + suggested]! += wrong[sample]!;
    expected[row + labels[sample]!]! += 1 - wrong[sample]!;
  }
  const matrix = new Float64Array(expected.length);
  for (let row = 0; row < expected.length; row += classCount) {
    const wanted = [...expected.subarray(row, row + classCount)];
    const total = Math.round(wanted.reduce((sum, count) => sum + count, 0));
    matrix.set(apportion(wanted, total), row);
  }
  return matrix;
}
