import { describe, expect, it } from 'vitest';
import { makeAttentionNetwork } from '../../../testing/attention-network.ts';
import {
  featureCount,
  makeClusteredRegression,
  regressionNetwork,
} from '../../../testing/clustered-regression.ts';
import { drawBatch, expectClose, makeClassifier, makeNarrowResidual } from '../../../testing/networks.ts';
import { Random } from '../../core/base/random.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { makeMatrix } from '../../core/linalg/matrix.ts';
import { layOut } from '../../core/nn/classifier.ts';
import { learnedLength, matchingGraph, matchingProgram } from '../../core/nn/synset/matching-program.ts';
import {
  perturbedTrainingProgram,
  type PerturbedTrainingOptions,
} from '../../core/nn/synset/perturbed-training-program.ts';
import type { Network } from '../../core/nn/network.ts';
import { float32, numbersOf } from '../../core/tensor/tensor.ts';
import { createOrtExecutor } from './ort-executor.ts';

const executor = createOrtExecutor({ threads: 1 });
const IMAGES = 5;
const COPIES = 3;

const networks = {
  linear: makeClassifier('linear'),
  convolutional: makeClassifier('cnn'),
  residual: makeNarrowResidual(),
  attention: makeAttentionNetwork(),
} as const satisfies Record<string, Network>;

function draw(count: number, name: string): Float32Array {
  const random = new Random(7, name);
  return new Float32Array(count).map(() => 0.2 * random.normal());
}

/** One step of copies that start apart from each other, [copies · p]. */
async function step(network: Network, copies: readonly number[]): Promise<Float32Array> {
  const options: PerturbedTrainingOptions = {
    copyCount: copies.length,
    imageCount: IMAGES,
    momentum: 0.9,
    weightDecay: 0.01,
    profile: executor.profile,
  };
  const ofCopies = (length: number, name: string) =>
    float32(
      [copies.length, length],
      Float32Array.from(copies.flatMap((copy) => [...draw(length, `${name} ${copy}`)])),
    );
  const session = await executor.open(perturbedTrainingProgram(network, options));
  const fetched = await session.run({
    ...drawBatch(network, IMAGES),
    imageWeights: ofCopies(IMAGES, 'weights'),
    parameters: ofCopies(network.parameterCount, 'parameters'),
    corrections: ofCopies(network.parameterCount, 'corrections'),
    velocity: ofCopies(network.parameterCount, 'velocity'),
    learningRate: float32([1], Float32Array.of(0.5)),
  });
  await session.dispose();
  return fetched['parameters']!.data as Float32Array;
}

describe('perturbed models in one graph', () => {
  it.each(Object.keys(networks) as (keyof typeof networks)[])(
    'are each what it would be alone (%s)',
    async (name) => {
      const network = networks[name];
      const together = await step(network, [0, 1, 2]);
      for (let copy = 0; copy < COPIES; copy++) {
        const alone = await step(network, [copy]);
        expectClose(together.subarray(copy * alone.length, (copy + 1) * alone.length), alone, `copy ${copy}`);
      }
    },
  );

  it('equal retraining without a cluster where that is known exactly', async () => {
    const { clusters, synsets, solveWithout } = makeClusteredRegression();
    const images = synsets.flatMap(({ x }) => x.flat());
    const imageCount = images.length / featureCount;
    const total = clusters.flatMap(({ x }) => x).length;
    const copyCount = clusters.length;
    const options = { copyCount, imageCount, momentum: 0, weightDecay: 0, loss: 'squaredError' } as const;
    const session = await executor.open(
      perturbedTrainingProgram(regressionNetwork, { ...options, profile: executor.profile }),
    );
    const weights = clusters.flatMap((_, copy) =>
      synsets.flatMap(({ x }, cluster) => x.map(() => (cluster === copy ? 0 : 1 / total))),
    );
    const start = clusters.flatMap(() => solveWithout(new Set()));
    let parameters = Float32Array.from(start);
    for (let count = 0; count < 300; count++) {
      const fetched = await session.run({
        images: float32([imageCount, featureCount, 1, 1], Float32Array.from(images)),
        targets: float32([imageCount, 1], Float32Array.from(synsets.flatMap(({ y }) => y))),
        imageWeights: float32([copyCount, imageCount], Float32Array.from(weights)),
        parameters: float32([copyCount, featureCount], parameters),
        corrections: float32([copyCount, featureCount], new Float32Array(parameters.length)),
        velocity: float32([copyCount, featureCount], new Float32Array(parameters.length)),
        learningRate: float32([1], Float32Array.of(0.7)),
      });
      parameters = fetched['parameters']!.data as Float32Array<ArrayBuffer>;
    }
    await session.dispose();
    const expected = clusters.flatMap((_, cluster) => solveWithout(new Set([cluster])));
    expect(Math.max(...expected.map((weight, index) => Math.abs(weight - parameters[index]!)))).toBeLessThan(
      1e-4,
    );
    expect(Math.max(...expected.map((weight, index) => Math.abs(weight - start[index]!)))).toBeGreaterThan(
      0.1,
    );
  });
});

describe('a step of gradient matching', () => {
  it.each(['angles', 'squares'] as const)('compiled is the reference’s (%s)', async (distance) => {
    const network = layOut(makeClassifier('cnn').config, [
      { kind: 'conv', name: 'conv', inputs: 2, outputs: 8, kernel: 3, padding: 1, bias: true },
      { kind: 'maxPool', size: 4 },
      { kind: 'relu' },
      { kind: 'flatten' },
      { kind: 'linear', name: 'head', inputs: 32, outputs: 3, last: true },
    ]);
    const plan = { clusterCount: 2, imagesPerCluster: 2, distance };
    const length = learnedLength(network, plan);
    const { images, targets } = drawBatch(network, 4);
    const wanted = makeMatrix(
      2,
      network.parameterCount,
      draw(2 * network.parameterCount, 'wanted gradients'),
    );
    const feeds = {
      images,
      logScales: float32([4], draw(4, 'scales')),
      targets,
      parameters: float32([network.parameterCount], draw(network.parameterCount, 'parameters')),
      clusterGradients: float32([wanted.rows, wanted.columns], wanted.data),
      optimizerState: float32([2 * length], draw(2 * length, 'state').map(Math.abs)),
      learningRate: float32([1], Float32Array.of(0.1)),
      step: float32([1], Float32Array.of(2)),
    };
    const session = await executor.open(matchingProgram(network, { ...plan, profile: executor.profile }));
    const found = await session.run(feeds);
    await session.dispose();
    const { graph, outputs } = matchingGraph(network, plan);
    for (const name of ['synset', 'distances'] as const)
      expectClose(numbersOf(found[name]!), numbersOf(interpret(graph, [outputs[name]!], feeds)[0]!), name);
  });
});
