import { describe, expect, it } from 'vitest';
import { createOrtMatrixEngine } from '../../engine/runtime/ort-matrix-engine.ts';
import { Random } from '../base/random.ts';
import { makeMatrix } from '../linalg/matrix.ts';
import { leftOutProbabilities } from './left-out-probabilities.ts';

const CLASSES = 3;
const WIDTH = 8;

/** Three clusters; the first image of each has the label of the next. */
function drawClusters(count: number) {
  const random = new Random(7, 'clusters');
  const labels = Int32Array.from({ length: count }, (_, row) => row % CLASSES);
  const data = Float32Array.from(
    { length: count * WIDTH },
    (_, index) => 0.5 * random.normal() + (index % WIDTH === labels[Math.floor(index / WIDTH)]! ? 3 : 0),
  );
  const given = labels.map((label, row) => (row < CLASSES ? (label + 1) % CLASSES : label));
  return { embedding: makeMatrix(count, WIDTH, data), labels, given };
}

describe('leftOutProbabilities', () => {
  it('answers as the images around say, also where the image’s own label is wrong', async () => {
    const { embedding, labels, given } = drawClusters(90);
    const engine = createOrtMatrixEngine({ threads: 1 });
    const found = await leftOutProbabilities({ embedding, labels: given, classCount: CLASSES }, engine);
    await engine.dispose();
    for (const [row, label] of labels.entries()) {
      const probabilities = [...found.subarray(row * CLASSES, (row + 1) * CLASSES)];
      expect(probabilities.indexOf(Math.max(...probabilities))).toBe(label);
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
  });

  it('is what fitting without the image gives', async () => {
    const { embedding, given } = drawClusters(12);
    const engine = createOrtMatrixEngine({ threads: 1 });
    const all = await leftOutProbabilities({ embedding, labels: given, classCount: CLASSES }, engine);
    // The image's own label must not matter to its answer, whatever it is.
    const other = given.with(5, (given[5]! + 1) % CLASSES);
    const changed = await leftOutProbabilities({ embedding, labels: other, classCount: CLASSES }, engine);
    await engine.dispose();
    const order = (values: Float32Array) => [0, 1, 2].sort((a, b) => values[15 + b]! - values[15 + a]!);
    expect(order(changed)).toEqual(order(all));
  });
});
