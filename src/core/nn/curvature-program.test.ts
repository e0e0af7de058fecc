import { describe, expect, it } from 'vitest';
import { makeAttentionNetwork } from '../../../testing/attention-network.ts';
import { expectDifferencesToAgree } from '../../../testing/differences.ts';
import { drawBatch, makeClassifier } from '../../../testing/networks.ts';
import { differenceStep, tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { gradients } from '../compiler/differentiate.ts';
import { gaussNewtonVectorProduct, jacobianVectorProduct } from '../compiler/second-order.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph } from '../graph/graph.ts';
import { add, concat, matMul, mul, reshape, slice, softmax, sub, sum, tanh } from '../ops/build.ts';
import { numbersOf, tensorOf, type Tensor } from '../tensor/tensor.ts';
import { curvatureGraph, type CurvatureOptions } from './curvature-program.ts';
import { crossEntropy } from './losses.ts';
import { layOut } from './classifier.ts';
import type { Network } from './network.ts';
import { trainingGraph } from './training-program.ts';

/** Smooth but for its ReLU; small enough for the reference. */
const convolutional = layOut(makeClassifier('cnn').config, [
  { kind: 'conv', name: 'conv', inputs: 2, outputs: 4, kernel: 3, padding: 1, bias: true },
  { kind: 'groupNorm', name: 'norm', channels: 4, groups: 2 },
  { kind: 'maxPool', size: 4 },
  { kind: 'relu' },
  { kind: 'flatten' },
  { kind: 'linear', name: 'head', inputs: 16, outputs: 3, last: true },
]);
const networks = { convolutional, attention: makeAttentionNetwork() } as const;
const names = Object.keys(networks) as (keyof typeof networks)[];
const BATCH = 2;

function draw(count: number, name: string): Float64Array {
  const random = new Random(8, name);
  return new Float64Array(count).map(() => 0.3 * random.normal());
}

function feedsOf(network: Network, parameters: Float64Array): Record<string, Tensor> {
  return {
    ...drawBatch(network, BATCH),
    sampleWeights: tensorOf('float64', [BATCH], [1, 0.5]),
    parameters: tensorOf('float64', [network.parameterCount], parameters),
  };
}

function curvatureTimes(
  network: Network,
  curvature: CurvatureOptions['curvature'],
  parameters: Float64Array,
): (vector: Float64Array) => Float64Array {
  const { graph, outputs } = curvatureGraph(network, { batchSize: BATCH, vectorCount: 1, curvature });
  return (vector) => {
    const feeds = {
      ...feedsOf(network, parameters),
      vectors: tensorOf('float64', [1, vector.length], vector),
    };
    return numbersOf(interpret(graph, [outputs['products']!], feeds)[0]!);
  };
}

/** Of Σ wᵢ·lossᵢ: the optimiser's state after a step without momentum is the gradient of the weighted mean. */
function gradientAt(network: Network, parameters: Float64Array): Float64Array {
  const options = { batchSize: BATCH, optimizer: 'sgd', momentum: 0, weightDecay: 0 } as const;
  const { graph, outputs } = trainingGraph(network, options);
  const nothing = new Float64Array(network.parameterCount);
  const [gradient] = interpret(graph, [outputs['optimizerState']!], {
    ...feedsOf(network, parameters),
    optimizerState: tensorOf('float64', [network.parameterCount], nothing),
    learningRate: tensorOf('float64', [1], [0.1]),
    step: tensorOf('float64', [1], [1]),
  });
  return numbersOf(gradient!).map((value) => 1.5 * value);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, value, index) => total + value * b[index]!, 0);
}

function expectClose(found: Float64Array, expected: Float64Array, tolerance: number): void {
  const scale = Math.max(...expected.map(Math.abs));
  expect(scale).toBeGreaterThan(0);
  expect(Math.max(...found.map((value, index) => Math.abs(value - expected[index]!))) / scale).toBeLessThan(
    tolerance,
  );
}

describe('curvature', () => {
  it.each(names)('(Hessian of the %s network) is what differences of the gradient see', (name) => {
    const network = networks[name];
    const [parameters, vector] = [draw(network.parameterCount, name), draw(network.parameterCount, 'vector')];
    const moved = (step: number) =>
      gradientAt(
        network,
        parameters.map((value, index) => value + step * vector[index]!),
      );
    const [after, before] = [moved(differenceStep), moved(-differenceStep)];
    const expected = after.map((value, index) => (value - before[index]!) / (2 * differenceStep));
    const found = curvatureTimes(network, 'hessian', parameters)(vector);
    expectClose(found, expected, tolerances.centralDifferenceOfNetwork);
  });

  it.each(['hessian', 'gaussNewton'] as const)('(%s) is symmetric: ⟨u, Cv⟩ = ⟨v, Cu⟩', (curvature) => {
    const network = networks.attention;
    const times = curvatureTimes(network, curvature, draw(network.parameterCount, 'parameters'));
    const [u, v] = [draw(network.parameterCount, 'u'), draw(network.parameterCount, 'v')];
    const [left, right] = [dot(u, times(v)), dot(v, times(u))];
    expect(Math.abs(left - right) / Math.abs(left)).toBeLessThan(tolerances.float64ThroughNetwork);
  });

  it.each(names)('(Gauss–Newton of the %s network) is never negative', (name) => {
    const network = networks[name];
    const times = curvatureTimes(network, 'gaussNewton', draw(network.parameterCount, name));
    for (let direction = 0; direction < 5; direction++) {
      const vector = draw(network.parameterCount, `direction ${direction}`);
      expect(dot(vector, times(vector))).toBeGreaterThan(0);
    }
  });

  it('(Gauss–Newton of a linear model) is its Hessian, and not that of a curved one', () => {
    const compare = (network: Network): number => {
      const parameters = draw(network.parameterCount, 'parameters');
      const vector = draw(network.parameterCount, 'vector');
      const [hessian, gaussNewton] = (['hessian', 'gaussNewton'] as const).map((curvature) =>
        curvatureTimes(network, curvature, parameters)(vector),
      ) as [Float64Array, Float64Array];
      const difference = hessian.map((value, index) => value - gaussNewton[index]!);
      return Math.sqrt(dot(difference, difference) / dot(hessian, hessian));
    };
    expect(compare(makeClassifier('linear'))).toBeLessThan(tolerances.float64ThroughNetwork);
    expect(compare(networks.attention)).toBeGreaterThan(0.01);
  });

  it('(Gauss–Newton) is Jᵀ·H·J with both factors written out', () => {
    const graph = new Graph();
    const parameters = graph.input('parameters', { dtype: 'float64', shape: [14] });
    const x = graph.constant(tensorOf('float64', [2, 3], [0.4, -1, 2, 0.3, 0.8, -0.6]));
    const targets = graph.constant(tensorOf('float64', [2, 4], [0, 1, 0, 0, 0, 0, 0, 1]));
    const first = reshape(graph, slice(graph, parameters, [{ axis: 0, end: 6 }]), [3, 2]);
    const second = reshape(graph, slice(graph, parameters, [{ axis: 0, start: 6 }]), [2, 4]);
    const logits = matMul(graph, tanh(graph, matMul(graph, x, first)), second);
    const loss = sum(graph, crossEntropy(graph, logits, targets));
    const feeds = { parameters: tensorOf('float64', [14], draw(14, 'parameters')) };
    const flat = reshape(graph, logits, [8]);
    const rows = Array.from({ length: 8 }, (_, row) =>
      gradients(graph, slice(graph, flat, [{ axis: 0, start: row, end: row + 1 }]), [parameters]),
    ).flat();
    const probabilities = numbersOf(interpret(graph, [softmax(graph, logits)], feeds)[0]!);
    const jacobian = interpret(graph, rows, feeds).map(numbersOf);
    // The cross-entropy's Hessian by the logits of one sample: diag(p) − p·pᵀ.
    const hessian = (a: number, b: number): number => {
      if (Math.floor(a / 4) !== Math.floor(b / 4)) return 0;
      return (a === b ? probabilities[a]! : 0) - probabilities[a]! * probabilities[b]!;
    };
    const v = draw(14, 'v');
    const along = Float64Array.from(jacobian, (row) => dot(row, v));
    const bent = along.map((_, a) => along.reduce((total, value, b) => total + hessian(a, b) * value, 0));
    const expected = v.map((_, index) =>
      bent.reduce((total, value, a) => total + value * jacobian[a]![index]!, 0),
    );
    const vector = graph.input('v', { dtype: 'float64', shape: [14] });
    const found = [
      jacobianVectorProduct(graph, logits, [parameters], [vector]),
      gaussNewtonVectorProduct(graph, { loss, output: logits }, [parameters], [vector])[0]!,
    ];
    const [tangent, product] = interpret(graph, found, { ...feeds, v: tensorOf('float64', [14], v) }).map(
      numbersOf,
    );
    expectClose(tangent!, along, tolerances.float64Reordered);
    expectClose(product!, expected, tolerances.float64Reordered);
  });

  it.each(names)('lets a loss of gradients be differentiated by the images (%s)', (name) => {
    const network = networks[name];
    const graph = new Graph();
    const images = graph.input('images', { dtype: 'float64', shape: [BATCH, ...network.inputShape] });
    const batch = drawBatch(network, BATCH);
    const targets = graph.constant(tensorOf('float64', batch.targets.shape, numbersOf(batch.targets)));
    const vector = draw(network.parameterCount, name);
    const parameters = new Map(
      network.parameters.map(({ name: parameter, shape, offset }) => {
        const count = shape.reduce((product, extent) => product * extent, 1);
        return [
          parameter,
          graph.constant(tensorOf('float64', shape, vector.subarray(offset, offset + count)), parameter),
        ];
      }),
    );
    const { output: logits } = network.forward(graph, images, parameters);
    const loss = sum(graph, crossEntropy(graph, logits, targets));
    const found = gradients(graph, loss, [...parameters.values()]).map((value) =>
      reshape(graph, value, [-1]),
    );
    // ‖∇L(x) − t‖²: gradient matching.
    const wanted = graph.constant(tensorOf('float64', [vector.length], draw(vector.length, 'wanted')));
    const distance = sub(graph, concat(graph, found, 0), wanted);
    const matching = add(graph, sum(graph, mul(graph, distance, distance)), 0);
    const shape = batch.images.shape;
    const feeds = { images: tensorOf('float64', shape, draw(numbersOf(batch.images).length, 'pixels')) };
    expectDifferencesToAgree(graph, matching, [images], feeds, {
      tolerance: tolerances.centralDifferenceOfNetwork,
    });
  });
});
