import { describe, expect, it } from 'vitest';
import { drawBatch, drawParameters, makeClassifier, makeNarrowResidual } from '../../../testing/networks.ts';
import { differenceStep, tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph, shapeOf, type Value } from '../graph/graph.ts';
import { add, conv, mul, reshape } from '../ops/build.ts';
import { elementCount, numbersOf, tensorOf, type Tensor } from '../tensor/tensor.ts';
import { featureGraph } from './feature-program.ts';
import { adapted, withAdapters } from './low-rank.ts';
import { margin } from './losses.ts';
import { bakedParameters, type Network } from './network.ts';

function logitsOf(network: Network, parameters: Float32Array, images: Tensor): Float64Array {
  const graph = new Graph();
  const input = graph.input('images', images);
  const { output } = network.forward(graph, input, bakedParameters(graph, network, parameters));
  return numbersOf(interpret(graph, [output], { images })[0]!);
}

describe('a network with low-rank adapters', () => {
  it.each([makeClassifier('mlp'), makeNarrowResidual()])('begins as the network itself', (network) => {
    const frozen = drawParameters(network);
    const lowRank = withAdapters(network, 2, () => frozen);
    const { images } = drawBatch(network, 3);
    expect(logitsOf(lowRank, lowRank.initialParameters(1), images)).toEqual(
      logitsOf(network, frozen, images),
    );
    const moved = lowRank.initialParameters(1).map((value) => value + 0.1);
    expect(logitsOf(lowRank, moved, images)).not.toEqual(logitsOf(network, frozen, images));
  });

  it('has only adapters of matrices and kernels as parameters', () => {
    const network = makeClassifier('mlp');
    const lowRank = withAdapters(network, 4, () => drawParameters(network));
    expect(lowRank.parameters.map(({ name, shape }) => `${name} ${shape.join('×')}`)).toEqual([
      'fc1.weight.lora-down 4×128',
      'fc1.weight.lora-up 128×4',
      'fc2.weight.lora-down 4×128',
      'fc2.weight.lora-up 64×4',
      'fc3.weight.lora-down 3×64',
      'fc3.weight.lora-up 3×3',
    ]);
  });

  it('has the gradients that differences give, left as factors: no image has a whole kernel of its own', () => {
    const network = makeNarrowResidual();
    const frozen = drawParameters(network);
    const lowRank = withAdapters(network, 2, () => frozen);
    const random = new Random(3, 'adapters');
    const parameters = lowRank.initialParameters(1).map((value) => value + 0.1 * random.normal());
    const batch = drawBatch(network, 2);
    const { graph, outputs } = featureGraph(lowRank, parameters, {
      batchSize: 2,
      outputFunction: 'margin',
      projection: { kind: 'none', size: 0, seed: 0 },
    });
    const features = numbersOf(interpret(graph, [outputs['features']!], { ...batch })[0]!);
    const scale = Math.max(...features.map(Math.abs));
    for (const { name, offset, shape } of lowRank.parameters) {
      const at = offset + random.integer(elementCount(shape));
      const slopes = marginSlopes(lowRank, parameters, at, batch);
      for (const [row, slope] of slopes.entries()) {
        const found = features[row * lowRank.parameterCount + at]!;
        expect(Math.abs(found - slope) / scale, name).toBeLessThan(tolerances.centralDifferenceOfNetwork);
      }
    }
    const kernel = [2, 8, 8, 3, 3].join();
    expect(graph.nodes.some(({ outputs: [value] }) => shapeOf(value!).join() === kernel)).toBe(false);
  });
});

describe('an adapted kernel', () => {
  it('is the kernel and, beside it, a convolution to few channels with one of 1×1 behind it', () => {
    const graph = new Graph();
    const random = new Random(6, 'kernel');
    const draw = (name: string, shape: readonly number[]): [Value, Tensor] => {
      const tensor = tensorOf(
        'float64',
        shape,
        Float64Array.from({ length: elementCount(shape) }, () => random.normal()),
      );
      return [graph.input(name, tensor), tensor];
    };
    const [x, images] = draw('x', [2, 3, 6, 6]);
    const [weight, w] = draw('w', [5, 3, 3, 3]);
    const [down, d] = draw('down', [2, 27]);
    const [up, u] = draw('up', [5, 2]);
    const parameters = new Map([
      ['w.lora-down', down],
      ['w.lora-up', up],
    ]);
    const together = conv(graph, x, adapted(graph, 'w', weight, parameters, 2), { pads: 1 });
    const inner = conv(graph, x, reshape(graph, down, [2, 3, 3, 3]), { pads: 1 });
    const beside = mul(graph, conv(graph, inner, reshape(graph, up, [5, 2, 1, 1])), 2);
    const apart = add(graph, conv(graph, x, weight, { pads: 1 }), beside);
    const [a, b] = interpret(graph, [together, apart], { x: images, w, down: d, up: u }).map(numbersOf);
    const scale = Math.max(...a!.map(Math.abs));
    const worst = Math.max(...a!.map((value, index) => Math.abs(value - b![index]!)));
    expect(worst / scale).toBeLessThan(tolerances.float64Reordered);
  });
});

/** By central differences, which the reference computes in float64: the slope of each sample's margin along one parameter. */
function marginSlopes(
  network: Network,
  parameters: Float32Array,
  at: number,
  { images, targets }: { images: Tensor; targets: Tensor },
): number[] {
  const graph = new Graph();
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const values = new Map(network.parameters.map(({ name, shape }) => [name, input(name, shape)]));
  const pictures = input('images', images.shape);
  const wanted = input('targets', targets.shape);
  const output = margin(graph, network.forward(graph, pictures, values).output, wanted);
  const marginsAt = (step: number): Float64Array => {
    const moved = Float64Array.from(parameters, (value, index) => value + (index === at ? step : 0));
    const feeds: Record<string, Tensor> = {
      images: tensorOf('float64', images.shape, numbersOf(images)),
      targets: tensorOf('float64', targets.shape, numbersOf(targets)),
    };
    for (const { name, shape, offset } of network.parameters)
      feeds[name] = tensorOf('float64', shape, moved.subarray(offset, offset + elementCount(shape)));
    return numbersOf(interpret(graph, [output], feeds)[0]!);
  };
  const [above, below] = [marginsAt(differenceStep), marginsAt(-differenceStep)];
  return Array.from(above, (value, row) => (value - below[row]!) / (2 * differenceStep));
}
