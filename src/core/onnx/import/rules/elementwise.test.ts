import { describe, expect, it } from 'vitest';
import { fed, importNode, known, runNode } from '../../../../../testing/onnx-models.ts';
import { floatAttribute, intAttribute } from '../../model.ts';

const x = fed([4], [-1.5, -0.5, 0.5, 2.5]);

/** The numbers of a one-output node. */
function numbers(...call: Parameters<typeof runNode>): number[] {
  return runNode(...call)[0]!.numbers;
}

describe('element-wise operators', () => {
  it.each<[string, (x: number) => number]>([
    ['Abs', Math.abs],
    ['Neg', (one) => -one],
    ['Sign', Math.sign],
    ['Exp', Math.exp],
    ['Floor', Math.floor],
    ['Ceil', Math.ceil],
    ['Reciprocal', (one) => 1 / one],
    ['Sin', Math.sin],
    ['Cos', Math.cos],
    ['Tan', Math.tan],
    ['Sinh', Math.sinh],
    ['Cosh', Math.cosh],
    ['Asinh', Math.asinh],
    ['Tanh', Math.tanh],
    ['Identity', (one) => one],
  ])('%s', (opType, expected) => {
    numbers(opType, [x]).forEach((found, index) => {
      expect(found).toBeCloseTo(expected(x!.tensor.data[index] as number), 12);
    });
  });

  it.each<[string, (x: number) => number]>([
    ['Log', Math.log],
    ['Sqrt', Math.sqrt],
    ['Acosh', Math.acosh],
  ])('%s', (opType, expected) => {
    expect(numbers(opType, [fed([2], [1.5, 3])])).toEqual([expected(1.5), expected(3)]);
  });

  it('Atanh', () => {
    const [found] = numbers('Atanh', [fed([1], [0.5])]);
    expect(found).toBeCloseTo(Math.atanh(0.5), 12);
  });

  it('Erf', () => {
    expect(numbers('Erf', [fed([1], [0.5])])[0]).toBeCloseTo(0.5204998778, 9);
  });

  it('Round takes halves to the even number', () => {
    const values = fed([7], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.6]);
    expect(numbers('Round', [values]).map((one) => one + 0)).toEqual([-2, -2, 0, 0, 2, 2, 3]);
  });

  it('Add, Sub, Mul, Div broadcast', () => {
    const [a, b] = [fed([2, 1], [8, 4]), fed([2], [2, 1])];
    expect(numbers('Add', [a, b])).toEqual([10, 9, 6, 5]);
    expect(numbers('Sub', [a, b])).toEqual([6, 7, 2, 3]);
    expect(numbers('Mul', [a, b])).toEqual([16, 8, 8, 4]);
    expect(numbers('Div', [a, b])).toEqual([4, 8, 2, 4]);
  });

  it('Div of integers drops the fraction, as shape arithmetic needs', () => {
    const [found] = runNode('Div', [known([3], [7, -7, 8]), known([1], [2])]);
    expect(found).toEqual({ shape: [3], dtype: 'int64', numbers: [3, -3, 4] });
  });

  it('Pow takes integer exponents', () => {
    expect(numbers('Pow', [x, known([], [2])])).toEqual([2.25, 0.25, 0.25, 6.25]);
    expect(numbers('Pow', [x, known([], [3])])).toEqual([-3.375, -0.125, 0.125, 15.625]);
    expect(runNode('Pow', [known([1], [2]), known([1], [10])])[0]).toMatchObject({
      numbers: [1024],
      dtype: 'int64',
    });
  });

  it('Mod has the sign of the divisor, with fmod that of the dividend', () => {
    const [a, b] = [known([4], [5, -5, 5, -5]), known([4], [3, 3, -3, -3])];
    expect(numbers('Mod', [a, b])).toEqual([2, 1, -1, -2]);
    expect(numbers('Mod', [a, b], { attributes: { fmod: intAttribute(1) } })).toEqual([2, -2, 2, -2]);
  });

  it('Max, Min, Sum, Mean take any number of inputs', () => {
    const inputs = [fed([2], [1, 5]), fed([1], [3]), fed([], [2])];
    expect(numbers('Max', inputs)).toEqual([3, 5]);
    expect(numbers('Min', inputs)).toEqual([1, 2]);
    expect(numbers('Sum', inputs)).toEqual([6, 10]);
    expect(numbers('Mean', inputs)[0]).toBeCloseTo(2, 6);
    expect(numbers('Max', inputs.slice(0, 1))).toEqual([1, 5]);
  });

  it('Clip has its bounds as attributes before opset 11', () => {
    const attributes = { min: floatAttribute(-1), max: floatAttribute(1) };
    expect(numbers('Clip', [x], { opset: 6, attributes })).toEqual([-1, -0.5, 0.5, 1]);
  });

  it('Clip has its bounds as inputs since, each optional', () => {
    const [low, high] = [known([], [-1], 'float32'), known([], [1], 'float32')];
    expect(numbers('Clip', [x, low, high])).toEqual([-1, -0.5, 0.5, 1]);
    expect(numbers('Clip', [x, null, high])).toEqual([-1.5, -0.5, 0.5, 1]);
    expect(numbers('Clip', [x, low])).toEqual([-1, -0.5, 0.5, 2.5]);
    expect(numbers('Clip', [x, fed([], [0]), fed([], [1])])).toEqual([0, 0, 0.5, 1]);
    expect(numbers('Clip', [known([3], [1, 5, 9]), known([], [2]), known([], [6])])).toEqual([2, 5, 6]);
  });

  it('Clip to the largest float is no bound', () => {
    const bounds = [known([], [0], 'float32'), known([], [3.4028234663852886e38], 'float32')];
    const { model } = importNode('Clip', [x, ...bounds]);
    expect(model.graph.nodes[0]!.attributes).toEqual({ low: 0, high: Infinity });
  });

  it('Dropout is the identity, and its mask keeps everything', () => {
    const { model } = importNode('Dropout', [x, known([], [0.5], 'float32'), known([], [1], 'bool')]);
    expect(model.graph.nodes).toEqual([]);
    const [y, mask] = runNode('Dropout', [x], { outputCount: 2 });
    expect(y!.numbers).toEqual([-1.5, -0.5, 0.5, 2.5]);
    expect(mask).toEqual({ shape: [4], dtype: 'bool', numbers: [1, 1, 1, 1] });
  });

  it('Cast between floats does nothing; to integers it drops the fraction', () => {
    expect(importNode('Cast', [x], { attributes: { to: intAttribute(10) } }).model.graph.nodes).toEqual([]);
    expect(runNode('Cast', [x], { attributes: { to: intAttribute(7) } })[0]).toEqual({
      shape: [4],
      dtype: 'int64',
      numbers: [-1, 0, 0, 2],
    });
    expect(() => importNode('Cast', [x], { attributes: { to: intAttribute(8) } })).toThrow('string');
  });

  it('CastLike takes the type of its second input', () => {
    expect(runNode('CastLike', [x, known([1], [0], 'int32')])[0]!.dtype).toBe('int32');
  });
});
