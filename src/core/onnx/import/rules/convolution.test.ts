import { describe, expect, it } from 'vitest';
import { fed, importNode, known } from '../../../../../testing/onnx-models.ts';
import { elementCount, type Shape } from '../../../tensor/tensor.ts';
import { intAttribute, intsAttribute } from '../../model.ts';

const zeros = (shape: Shape) => Array.from({ length: elementCount(shape) }, () => 0);
const image = (...shape: number[]) => fed(shape, zeros(shape));
const filter = (...shape: number[]) => known(shape, zeros(shape), 'float32');

function refusal(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as { details: { reason: unknown } }).details.reason;
  }
}

describe('convolutions', () => {
  it('hold their filter and their bias as parameters', () => {
    for (const op of ['Conv', 'ConvTranspose']) {
      const { model } = importNode(op, [image(1, 2, 4, 4), filter(2, 2, 3, 3), filter(2)]);
      expect([...model.parameters.keys()]).toEqual(['x1', 'x2']);
    }
  });

  it('are refused over three axes', () => {
    const run = () => importNode('Conv', [image(1, 2, 4, 4, 4), filter(3, 2, 3, 3, 3)]);
    expect(refusal(run)).toContain('3 spatial axes; only one and two are supported');
  });

  it('are refused where the filter does not fit', () => {
    const run = () => importNode('Conv', [image(1, 2, 4, 4), filter(3, 3, 3, 3)]);
    expect(refusal(run)).toBe('its filter [3,3,3,3] in 1 groups does not fit 2 channels');
    const wide = () => importNode('Conv', [image(1, 2, 4, 4), filter(3, 2, 5, 3)]);
    expect(refusal(wide)).toBe('its window [5,3] is larger than its padded input [4,4]');
  });

  it('are refused where a transposed one pads its output by a stride or more', () => {
    const attributes = { output_padding: intsAttribute([2, 0]), strides: intsAttribute([2, 2]) };
    const run = () => importNode('ConvTranspose', [image(1, 2, 4, 4), filter(2, 3, 3, 3)], { attributes });
    expect(refusal(run)).toBe('its output padding is not less than its stride');
  });
});

describe('pools', () => {
  const attributes = { kernel_shape: intsAttribute([2, 2]) };

  it('are refused where positions are asked for', () => {
    const run = () => importNode('MaxPool', [image(1, 2, 4, 4)], { attributes, outputCount: 2 });
    expect(refusal(run)).toBe('positions of the maxima are not supported as an output');
  });

  it('are refused where a window may lie in the padding alone', () => {
    const padded = { ...attributes, pads: intsAttribute([2, 0, 0, 0]) };
    const run = () => importNode('AveragePool', [image(1, 2, 4, 4)], { attributes: padded });
    expect(refusal(run)).toBe('its padding is not less than its kernel');
  });
});

describe('attention', () => {
  it('is refused where heads do not divide the width', () => {
    const attributes = { q_num_heads: intAttribute(3), kv_num_heads: intAttribute(3) };
    const token = image(1, 2, 4);
    const run = () => importNode('Attention', [token, token, token], { opset: 23, attributes });
    expect(refusal(run)).toBe('[1,2,4] does not split into 3 heads (q_num_heads)');
  });
});
