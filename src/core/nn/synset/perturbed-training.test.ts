import { describe, expect, it } from 'vitest';
import {
  featureCount,
  makeClusteredRegression,
  regressionNetwork,
} from '../../../../testing/clustered-regression.ts';
import { interpret } from '../../execution/reference-interpreter.ts';
import { numbersOf, tensorOf, type Tensor } from '../../tensor/tensor.ts';
import { perturbedTrainingGraph } from './perturbed-training-program.ts';

const STEPS = 300;
const { clusters, synsets, solveWithout } = makeClusteredRegression();

/** Weights [masks · p] after going on from the solution of all clusters, for masks that leave one cluster out; the last leaves none out. */
function goOnWithout(): Float64Array {
  const copyCount = clusters.length + 1;
  const imageCount = synsets.flatMap(({ x }) => x).length;
  const total = clusters.flatMap(({ x }) => x).length;
  const options = { copyCount, imageCount, momentum: 0, weightDecay: 0, loss: 'squaredError' } as const;
  const { graph, outputs } = perturbedTrainingGraph(regressionNetwork, options);
  const weights = Array.from({ length: copyCount }, (_, copy) =>
    synsets.flatMap(({ x }, cluster) => x.map(() => (cluster === copy ? 0 : 1 / total))),
  );
  const start = Array.from({ length: copyCount }, () => solveWithout(new Set()));
  const wide = (shape: readonly number[], numbers: readonly number[]) => tensorOf('float64', shape, numbers);
  const fixed = {
    images: wide(
      [imageCount, featureCount, 1, 1],
      synsets.flatMap(({ x }) => x.flat()),
    ),
    targets: wide(
      [imageCount, 1],
      synsets.flatMap(({ y }) => y),
    ),
    imageWeights: wide([copyCount, imageCount], weights.flat()),
    learningRate: wide([1], [0.7]),
    corrections: wide([copyCount, featureCount], new Array<number>(copyCount * featureCount).fill(0)),
    velocity: wide([copyCount, featureCount], new Array<number>(copyCount * featureCount).fill(0)),
  };
  let parameters: Tensor = wide([copyCount, featureCount], start.flat());
  for (let step = 0; step < STEPS; step++)
    parameters = interpret(graph, [outputs['parameters']!], { ...fixed, parameters })[0]!;
  return numbersOf(parameters);
}

describe('training on a perturbed synset', () => {
  it('equals retraining without the cluster exactly, where the synset has the gradients of the clusters', () => {
    const found = goOnWithout();
    const expected = [...clusters.keys(), -1].flatMap((cluster) => solveWithout(new Set([cluster])));
    expected.forEach((weight, index) => expect(Math.abs(found[index]! - weight)).toBeLessThan(1e-10));
    const moved = expected.slice(0, featureCount).map((weight, index) => weight - expected.at(index - 4)!);
    expect(Math.max(...moved.map(Math.abs))).toBeGreaterThan(0.1);
  });
});
