import { describe, expect, it } from 'vitest';
import { makeClassifier } from '../../../testing/networks.ts';
import { Random } from '../../core/base/random.ts';
import { plainMatrixEngine } from '../../core/linalg/matrix-engine.ts';
import { zeros32 } from '../../core/linalg/matrix.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { memoryPixels } from '../training/pixel-source.ts';
import { leastUsefulFirst, type Usefulness } from './least-useful-first.ts';

const CHANNELS = 2;
const SIZE = 8;
const AREA = CHANNELS * SIZE * SIZE;
const tools = { executor: createOrtExecutor({ threads: 1 }), matrixEngine: plainMatrixEngine };
const network = makeClassifier('mlp');
/** Dark, grey and bright images are classes 0, 1 and 2; the last cluster calls bright ones dark. */
const clusters = [
  { grey: 30, classIndex: 0 },
  { grey: 125, classIndex: 1 },
  { grey: 220, classIndex: 2 },
  { grey: 221, classIndex: 0 },
];

function usefulness(share: number): Usefulness {
  const asked = [0, 1, 2, 0, 1, 2].map((classIndex, row) => ({
    ...{ sampleId: (row + 1) as SampleId, row, classIndex },
  }));
  const random = new Random(0, 'greys');
  const bytes = Uint8Array.from(
    { length: asked.length * AREA },
    (_, index) => clusters[asked[Math.floor(index / AREA)]!.classIndex]!.grey + random.integer(9) - 4,
  );
  const normalization = { means: [0.5, 0.5], deviations: [0.25, 0.25] };
  const parameters = network.initialParameters(3);
  return {
    model: {
      classifier: network,
      parameters,
      pixels: memoryPixels(bytes, CHANNELS, SIZE),
      normalization,
    },
    artifact: {
      synset: {
        imagesPerCluster: 1,
        classes: Int32Array.from(clusters, ({ classIndex }) => classIndex),
        sizes: Int32Array.of(20, 20, 20, 20),
        images: Float32Array.from(
          { length: clusters.length * AREA },
          (_, index) => (clusters[Math.floor(index / AREA)]!.grey / 255 - 0.5) / 0.25,
        ),
        scales: Float32Array.of(1, 1, 1, 1),
      },
      correction: {
        residuals: zeros32(clusters.length, network.parameterCount),
        slope: new Float32Array(network.parameterCount),
      },
    },
    training: { steps: 40, learningRate: 0.05, momentum: 0.9, weightDecay: 0 },
    asked,
    share,
  };
}

describe('leastUsefulFirst', () => {
  it('lets the mislabelled cluster go first, and keeps the last one', async () => {
    const order = await leastUsefulFirst(tools, usefulness(1));
    expect(order[0]).toBe(3);
    expect(new Set(order).size).toBe(clusters.length - 1);
  });

  it('orders the share that is asked for', async () => {
    const fractions: number[] = [];
    const order = await leastUsefulFirst(tools, {
      ...usefulness(0.5),
      onProgress: (fraction) => fractions.push(fraction),
    });
    expect(order).toHaveLength(2);
    expect(fractions).toEqual([0.5, 1]);
  });
});
