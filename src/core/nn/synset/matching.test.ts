import { describe, expect, it } from 'vitest';
import { makeAttentionNetwork } from '../../../../testing/attention-network.ts';
import { expectDifferencesToAgree } from '../../../../testing/differences.ts';
import { drawBatch, drawParameters, makeClassifier } from '../../../../testing/networks.ts';
import { tolerances } from '../../../../testing/tolerances.ts';
import { Random } from '../../base/random.ts';
import { interpret } from '../../execution/reference-interpreter.ts';
import { sum } from '../../ops/build.ts';
import { numbersOf, tensorOf, type Tensor } from '../../tensor/tensor.ts';
import { layOut } from '../classifier.ts';
import type { Network } from '../network.ts';
import { trainingGraph } from '../training-program.ts';
import {
  learnedLength,
  matchingDistances,
  matchingGraph,
  type MatchingDistance,
} from './matching-program.ts';

const networks = {
  convolutional: layOut(makeClassifier('cnn').config, [
    { kind: 'conv', name: 'conv', inputs: 2, outputs: 4, kernel: 3, padding: 1, bias: true },
    { kind: 'maxPool', size: 4 },
    { kind: 'relu' },
    { kind: 'flatten' },
    { kind: 'linear', name: 'head', inputs: 16, outputs: 3, last: true },
  ]),
  attention: makeAttentionNetwork(),
  linear: makeClassifier('linear'),
} as const satisfies Record<string, Network>;

const plan = { clusterCount: 2, imagesPerCluster: 2 };
const imageCount = plan.clusterCount * plan.imagesPerCluster;

/** The synset starts as the images themselves, each for a half: the mean of two. */
function feedsOf(network: Network, clusterGradients: Float64Array): Record<string, Tensor> {
  const { images, targets } = drawBatch(network, imageCount);
  const wide = (shape: readonly number[], numbers: ArrayLike<number>) => tensorOf('float64', shape, numbers);
  const halves = new Float64Array(imageCount).fill(Math.log(0.5));
  const length = learnedLength(network, plan);
  return {
    images: wide(images.shape, numbersOf(images)),
    logScales: wide([imageCount], halves),
    targets,
    parameters: wide([network.parameterCount], drawParameters(network)),
    clusterGradients: wide([plan.clusterCount, network.parameterCount], clusterGradients),
    optimizerState: wide([2 * length], new Float64Array(2 * length)),
    learningRate: wide([1], [0.01]),
    step: wide([1], [1]),
  };
}

/** The mean gradient of the two images of each cluster, by the training step. */
function gradientsOf(network: Network): Float64Array {
  const options = { batchSize: imageCount, optimizer: 'sgd', momentum: 0, weightDecay: 0 } as const;
  const { graph, outputs } = trainingGraph(network, options);
  const wide = (numbers: readonly number[]) => tensorOf('float64', [numbers.length], numbers);
  const parameters = drawParameters(network);
  const each = [0, 1].map((cluster) => {
    const isOwn = Array.from({ length: imageCount }, (_, image) =>
      Math.floor(image / 2) === cluster ? 1 : 0,
    );
    const [gradient] = interpret(graph, [outputs['optimizerState']!], {
      ...drawBatch(network, imageCount),
      sampleWeights: wide(isOwn),
      parameters: wide([...parameters]),
      optimizerState: wide(new Array<number>(network.parameterCount).fill(0)),
      learningRate: wide([0.1]),
      step: wide([1]),
    });
    return [...numbersOf(gradient!)];
  });
  return Float64Array.from(each.flat());
}

function distancesOf(network: Network, distance: MatchingDistance, wanted: Float64Array): Float64Array {
  const { graph, outputs } = matchingGraph(network, { ...plan, distance });
  return numbersOf(interpret(graph, [outputs['distances']!], feedsOf(network, wanted))[0]!);
}

const cases = matchingDistances.flatMap((distance) =>
  (Object.keys(networks) as (keyof typeof networks)[]).map((name) => ({ distance, name })),
);

describe('gradient matching', () => {
  it.each(cases)('by $distance has the slope that differences see ($name)', ({ distance, name }) => {
    const network = networks[name];
    const { graph, outputs } = matchingGraph(network, { ...plan, distance });
    const random = new Random(6, `wanted gradients/${name}`);
    const wanted = gradientsOf(network).map((value) => value + 0.02 * random.normal());
    expectDifferencesToAgree(
      graph,
      sum(graph, outputs['distances']!),
      graph.inputs.slice(0, 2),
      feedsOf(network, wanted),
      { tolerance: tolerances.centralDifferenceOfNetwork },
    );
  });

  it.each(cases)('by $distance is at zero where the synset is the data ($name)', ({ distance, name }) => {
    const network = networks[name];
    const wanted = gradientsOf(network);
    // A cluster's own gradient is as far from another's as real gradients are.
    const swapped = Float64Array.from([
      ...wanted.subarray(wanted.length / 2),
      ...wanted.subarray(0, wanted.length / 2),
    ]);
    const [own, other] = [distancesOf(network, distance, wanted), distancesOf(network, distance, swapped)];
    // Units that are dead have no direction: they count for one each, whatever the images are.
    const dead = distance === 'angles' ? Math.round(own[0]!) : 0;
    expect(Math.abs(own[0]! - dead)).toBeLessThan(tolerances.float64ThroughNetwork);
    expect(other[0]!).toBeGreaterThan(dead + 0.1);
  });
});
