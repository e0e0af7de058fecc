import { describe, expect, it } from 'vitest';
import { onnxModel, onnxNode } from '../../../../testing/onnx-models.ts';
import { numbersOf, tensorOf, type Tensor } from '../../tensor/tensor.ts';
import { intAttribute, type OnnxAttribute } from '../model.ts';
import { dequantizeWeights } from './dequantize-weights.ts';
import { importModel } from './import-model.ts';

const int8 = (shape: number[], numbers: number[]) => tensorOf('int8', shape, numbers);
const floats = (shape: number[], numbers: number[]) => tensorOf('float32', shape, numbers);

/** The numbers of a weight behind DequantizeLinear. */
function dequantized(initializers: Record<string, Tensor>, attributes: Record<string, OnnxAttribute> = {}) {
  const inputs = ['stored', 'scale', 'zero'].filter((name) => name in initializers);
  const model = onnxModel({
    initializers,
    nodes: [onnxNode('DequantizeLinear', inputs, ['weight'], attributes)],
    outputs: ['weight'],
  });
  return Array.from(numbersOf(dequantizeWeights(model).initializers.get('weight')!));
}

describe('weights behind DequantizeLinear', () => {
  it('are (stored − zero)·scale, with one scale for all', () => {
    const stored = tensorOf('uint8', [3], [0, 128, 255]);
    const zero = tensorOf('uint8', [], [128]);
    expect(dequantized({ stored, scale: floats([], [0.5]), zero })).toEqual([-64, 0, 63.5]);
    expect(dequantized({ stored: int8([1], [-3]), scale: floats([1], [2]) })).toEqual([-6]);
  });

  it('may have a scale per channel', () => {
    const stored = int8([2, 2], [1, 2, 3, 4]);
    const scale = floats([2], [1, 10]);
    expect(dequantized({ stored, scale, zero: int8([2], [0, 1]) })).toEqual([1, 10, 3, 30]);
    expect(dequantized({ stored, scale }, { axis: intAttribute(0) })).toEqual([1, 2, 30, 40]);
  });

  it('may have a scale per block along an axis', () => {
    const stored = int8([3, 2], [1, 1, 1, 1, 1, 1]);
    const attributes = { axis: intAttribute(0), block_size: intAttribute(2) };
    expect(dequantized({ stored, scale: floats([2, 2], [1, 2, 3, 4]) }, attributes)).toEqual([
      1, 2, 1, 2, 3, 4,
    ]);
  });

  it('may be rounded on the way: halves to even, cut at the ends', () => {
    const model = onnxModel({
      initializers: {
        float: floats([5], [0.25, 0.75, -0.25, 100, -100]),
        scale: floats([], [0.5]),
        zero: int8([], [0]),
      },
      nodes: [
        onnxNode('QuantizeLinear', ['float', 'scale', 'zero'], ['stored']),
        onnxNode('DequantizeLinear', ['stored', 'scale', 'zero'], ['weight']),
      ],
      outputs: ['weight'],
    });
    const weight = dequantizeWeights(model).initializers.get('weight')!;
    expect(Array.from(numbersOf(weight), (number) => number + 0)).toEqual([0, 1, 0, 63.5, -64]);
  });

  const images = new Map([['images', { dtype: 'float32', shape: [2] } as const]]);
  const inputShapes = new Map([['images', [2]]]);

  it('are parameters, stored as an initializer or in a Constant node', () => {
    const model = onnxModel({
      inputs: images,
      initializers: { scale: floats([], [0.5]) },
      nodes: [
        onnxNode('Constant', [], ['stored'], { value: { kind: 'tensor', value: int8([2], [2, 4]) } }),
        onnxNode('DequantizeLinear', ['stored', 'scale'], ['layer.weight']),
        onnxNode('Constant', [], ['layer.bias'], { value: { kind: 'tensor', value: floats([2], [1, 1]) } }),
        onnxNode('Mul', ['images', 'layer.weight'], ['scaled']),
        onnxNode('Add', ['scaled', 'layer.bias'], ['y']),
      ],
      outputs: ['y'],
    });
    const { parameters } = importModel(model, { inputShapes });
    expect([...parameters.keys()]).toEqual(['layer.weight', 'layer.bias']);
  });

  it('are not activations: those are refused with advice', () => {
    const model = onnxModel({
      inputs: images,
      initializers: { scale: floats([], [0.5]), zero: int8([], [0]) },
      nodes: [
        onnxNode('QuantizeLinear', ['images', 'scale', 'zero'], ['rounded']),
        onnxNode('DequantizeLinear', ['rounded', 'scale', 'zero'], ['y']),
      ],
      outputs: ['y'],
    });
    expect(() => importModel(model, { inputShapes })).toThrow('quantise its weights only');
  });
});
