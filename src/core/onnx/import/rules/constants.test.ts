import { describe, expect, it } from 'vitest';
import { fed, importNode, known, runNode } from '../../../../../testing/onnx-models.ts';
import { tensorOf } from '../../../tensor/tensor.ts';
import { floatAttribute, intAttribute, intsAttribute, type OnnxAttribute } from '../../model.ts';

const image = fed([2, 3, 4], new Float32Array(24));

describe('what is known when the file is read', () => {
  it.each<[string, OnnxAttribute, object]>([
    [
      'value',
      { kind: 'tensor', value: tensorOf('int64', [1], [5]) },
      { shape: [1], dtype: 'int64', numbers: [5] },
    ],
    [
      'value',
      { kind: 'tensor', value: tensorOf('float64', [], [0.5]) },
      { shape: [], dtype: 'float32', numbers: [0.5] },
    ],
    ['value_int', intAttribute(3), { shape: [], dtype: 'int64', numbers: [3] }],
    ['value_ints', intsAttribute([1, 2]), { shape: [2], dtype: 'int64', numbers: [1, 2] }],
    ['value_float', floatAttribute(0.5), { shape: [], dtype: 'float32', numbers: [0.5] }],
    ['value_floats', { kind: 'floats', value: [1, 2] }, { shape: [2], dtype: 'float32', numbers: [1, 2] }],
  ])('Constant of %s', (name, attribute, expected) => {
    expect(runNode('Constant', [], { attributes: { [name]: attribute } })[0]).toEqual(expected);
  });

  it('Constant of text is refused', () => {
    const attributes = { value_string: { kind: 'string', value: 'a' } } as const;
    expect(() => importNode('Constant', [], { attributes })).toThrow('only dense numbers');
  });

  it('ConstantOfShape is 0 unless it says what', () => {
    expect(runNode('ConstantOfShape', [known([2], [1, 2])])[0]).toEqual({
      shape: [1, 2],
      dtype: 'float32',
      numbers: [0, 0],
    });
    const value = { kind: 'tensor', value: tensorOf('int64', [1], [7]) } as const;
    expect(runNode('ConstantOfShape', [known([1], [2])], { attributes: { value } })[0]).toEqual({
      shape: [2],
      dtype: 'int64',
      numbers: [7, 7],
    });
  });

  it('Shape may be of some axes only', () => {
    const numbers = (attributes: Record<string, OnnxAttribute>) =>
      runNode('Shape', [image], { attributes })[0]!.numbers;
    expect(numbers({})).toEqual([2, 3, 4]);
    expect(numbers({ start: intAttribute(1) })).toEqual([3, 4]);
    expect(numbers({ start: intAttribute(-2), end: intAttribute(-1) })).toEqual([3]);
    expect(numbers({ start: intAttribute(2), end: intAttribute(1) })).toEqual([]);
  });

  it('Size counts the elements', () => {
    expect(runNode('Size', [image])[0]).toEqual({ shape: [], dtype: 'int64', numbers: [24] });
  });

  it('Range runs up or down, without its end', () => {
    const range = (...ends: number[]) =>
      runNode(
        'Range',
        ends.map((end) => known([], [end])),
      )[0]!.numbers;
    expect(range(0, 3, 1)).toEqual([0, 1, 2]);
    expect(range(5, 0, -2)).toEqual([5, 3, 1]);
    expect(range(3, 3, 1)).toEqual([]);
    expect(() => importNode('Range', [fed([], [0]), fed([], [1]), fed([], [1])])).toThrow(
      'depends on the image',
    );
  });

  it('EyeLike marks a diagonal', () => {
    const attributes = { k: intAttribute(1), dtype: intAttribute(7) };
    expect(runNode('EyeLike', [fed([2, 3], new Float32Array(6))], { attributes })[0]).toEqual({
      shape: [2, 3],
      dtype: 'int64',
      numbers: [0, 1, 0, 0, 0, 1],
    });
  });

  it('Trilu cuts off one side, even where it is infinite', () => {
    const x = fed([2, 2], [1, Infinity, 3, 4]);
    const lower = { upper: intAttribute(0) };
    expect(runNode('Trilu', [x], { attributes: lower })[0]!.numbers).toEqual([1, 0, 3, 4]);
    expect(runNode('Trilu', [x])[0]!.numbers).toEqual([1, Infinity, 0, 4]);
    expect(runNode('Trilu', [x, known([], [1])])[0]!.numbers).toEqual([0, Infinity, 0, 0]);
  });
});
