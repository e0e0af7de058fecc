import { describe, expect, it } from 'vitest';
import { fed, known, onnxModel, onnxNode, runNode, importNode } from '../../../../../testing/onnx-models.ts';
import { Random } from '../../../base/random.ts';
import { elementCount, tensorOf, type Shape } from '../../../tensor/tensor.ts';
import { floatAttribute, intAttribute, type OnnxNode } from '../../model.ts';
import { importModel } from '../import-model.ts';

const vector = (...numbers: number[]) => known([numbers.length], numbers, 'float32');
const row = fed([1, 2, 1], [3, 8]);

describe('BatchNormalization', () => {
  const stored = [vector(2, 3), vector(10, 20), vector(1, 4), vector(4, 16)];
  const epsilon = floatAttribute(0);

  it('uses the stored statistics, also in training form', () => {
    for (const training of [0, 1]) {
      const attributes = { epsilon, training_mode: intAttribute(training) };
      expect(runNode('BatchNormalization', [row, ...stored], { opset: 15, attributes })[0]!.numbers).toEqual([
        10 + (2 * (3 - 1)) / 2,
        20 + (3 * (8 - 4)) / 4,
      ]);
    }
  });

  it('holds its scale and shift as parameters, not its statistics', () => {
    const { model } = importNode('BatchNormalization', [row, ...stored]);
    expect([...model.parameters.keys()]).toEqual(['x1', 'x2']);
  });

  it('refuses statistics for every position', () => {
    const attributes = { spatial: intAttribute(0) };
    expect(() => importNode('BatchNormalization', [row, ...stored], { opset: 7, attributes })).toThrow(
      expect.objectContaining({ code: 'model-unsupported' }),
    );
  });
});

it('LpNormalization leaves zeros zero', () => {
  for (const p of [1, 2]) {
    const attributes = { p: intAttribute(p) };
    expect(runNode('LpNormalization', [fed([2, 2], [0, 0, 3, 0])], { attributes })[0]!.numbers).toEqual([
      0, 0, 1, 0,
    ]);
  }
});

describe('a normalisation as exporters write it', () => {
  const drawn = (name: string, shape: Shape) => {
    const random = new Random(1, name);
    const numbers = Array.from({ length: elementCount(shape) }, () => random.normal());
    return tensorOf('float32', shape, numbers);
  };

  function parametersOf(nodes: readonly OnnxNode[], channels: number, shape: Shape): string[] {
    const map = [1, channels, 2, 2];
    const model = onnxModel({
      inputs: new Map([['images', { dtype: 'float32', shape: map }]]),
      initializers: {
        grouped: tensorOf('int64', [3], [1, 2, -1]),
        whole: tensorOf('int64', [4], map),
        'onnx::ones': tensorOf('float32', [2], [1, 1]),
        'onnx::zeros': tensorOf('float32', [2], [0, 0]),
        'onnx::Mul_1': drawn('scale', shape),
        'onnx::Add_2': drawn('shift', shape),
      },
      nodes,
      outputs: ['y'],
    });
    return [...importModel(model, { inputShapes: new Map([['images', map]]) }).parameters.keys()];
  }

  const affine = (x: string) => [
    onnxNode('Mul', [x, 'onnx::Mul_1'], ['scaled']),
    onnxNode('Add', ['scaled', 'onnx::Add_2'], ['y']),
  ];

  it('keeps the folded scale and shift of a GroupNorm, without the ones and zeros beside them', () => {
    const nodes = [
      onnxNode('Reshape', ['images', 'grouped'], ['groups']),
      onnxNode('InstanceNormalization', ['groups', 'onnx::ones', 'onnx::zeros'], ['normal']),
      onnxNode('Reshape', ['normal', 'whole'], ['map']),
      ...affine('map'),
    ];
    expect(parametersOf(nodes, 6, [6, 1, 1])).toEqual(['onnx::Mul_1', 'onnx::Add_2']);
  });

  it('takes what scales and shifts an image for its preparation', () => {
    expect(parametersOf(affine('images'), 3, [3, 1, 1])).toEqual([]);
  });

  it('takes numbers for every position for what they are', () => {
    const nodes = [onnxNode('Relu', ['images'], ['map']), ...affine('map')];
    expect(parametersOf(nodes, 6, [2, 2])).toEqual([]);
    expect(parametersOf(nodes, 6, [1, 6, 1, 1])).toHaveLength(2);
  });
});
