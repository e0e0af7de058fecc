import { describe, expect, it } from 'vitest';
import { makeDenoiser } from '../../../../testing/denoisers.ts';
import { Graph } from '../../graph/graph.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { imageShape, sideInputs, slicedParameters, type Network } from '../network.ts';
import { classInput, denoiserSizes, sizeMultiple, timeInput } from './u-net.ts';

/** The initial values of each parameter. */
function initial(network: Network, seed: number): Map<string, readonly number[]> {
  const values = network.initialParameters(seed);
  return new Map(
    network.parameters.map(({ name, offset, shape }) => [
      name,
      [...values.subarray(offset, offset + elementCount(shape))],
    ]),
  );
}

describe.each(denoiserSizes)('the U-Net %s', (architecture) => {
  const network = makeDenoiser({ architecture, channels: 3, imageSize: 32, classCount: 4, dropout: 0.1 });

  it('has parameters enough to draw, each with its own place', () => {
    expect(network.parameterCount).toBeGreaterThan(2e5);
    const ends = network.parameters.map(({ offset, shape }) => offset + elementCount(shape));
    expect(network.parameters.map(({ offset }) => offset)).toEqual([0, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBe(network.parameterCount);
    expect(new Set(network.parameters.map(({ name }) => name)).size).toBe(network.parameters.length);
  });

  it('answers with an image of the same shape and an embedding as wide as its lowest resolution', () => {
    const graph = new Graph();
    const images = graph.input('images', { dtype: 'float32', shape: imageShape(network, 5) });
    const vector = graph.input('parameters', { dtype: 'float32', shape: [network.parameterCount] });
    const { output, embedding } = network.forward(graph, images, slicedParameters(graph, network, vector), {
      side: sideInputs(graph, network, 5),
    });
    expect(output.type.shape).toEqual([5, 3, 32, 32]);
    expect(embedding.type.shape[0]).toBe(5);
    expect(network.outputCount).toBe(3 * 32 * 32);
  });

  it('refuses images that do not halve cleanly', () => {
    const imageSize = 3 * sizeMultiple(architecture) + 1;
    expect(() => makeDenoiser({ architecture, imageSize })).toThrow(/multiple/);
  });
});

describe('a U-Net', () => {
  it('starts from values that the seed and each parameter’s name fix', () => {
    const plain = initial(makeDenoiser(), 1);
    expect(initial(makeDenoiser(), 1)).toEqual(plain);
    expect(initial(makeDenoiser(), 2).get('time.in.weight')).not.toEqual(plain.get('time.in.weight'));
    const told = initial(makeDenoiser({ classCount: 3, dropout: 0.2, imageSize: 16 }), 1);
    for (const [name, values] of plain) expect(told.get(name), name).toEqual(values);
  });

  it('starts with blocks that do nothing and a prediction of zero', () => {
    for (const [name, values] of initial(makeDenoiser(), 1)) {
      const ends = name.startsWith('out.') || /(conv2|attention\.out)\./.test(name);
      if (ends && name.endsWith('weight'))
        expect(
          values.every((value) => value === 0),
          name,
        ).toBe(true);
    }
  });

  it('is told the step, and the class where there are classes', () => {
    expect(makeDenoiser().sideInputs).toEqual([{ name: timeInput, shape: [] }]);
    expect(makeDenoiser({ classCount: 7 }).sideInputs).toEqual([
      { name: timeInput, shape: [] },
      { name: classInput, shape: [7] },
    ]);
  });

  it('has a mask for the channels of every block where it has dropout', () => {
    expect(makeDenoiser().dropouts).toEqual([]);
    const { dropouts } = makeDenoiser({ dropout: 0.3 });
    expect(dropouts.map(({ shape }) => shape[0])).toEqual([16, 32, 48, 48, 48, 32, 16]);
    expect(dropouts.every(({ rate, shape }) => rate === 0.3 && elementCount(shape) === shape[0])).toBe(true);
  });
});
