import { describe, expect, it } from 'vitest';
import { fed, known, runNode } from '../../../../../testing/onnx-models.ts';
import { intAttribute } from '../../model.ts';

const [a, b] = [fed([3], [1, 2, 3]), fed([1], [2])];

describe('comparisons, logic and selection', () => {
  it.each([
    ['Equal', [0, 1, 0]],
    ['Greater', [0, 0, 1]],
    ['GreaterOrEqual', [0, 1, 1]],
    ['Less', [1, 0, 0]],
    ['LessOrEqual', [1, 1, 0]],
  ])('%s', (opType, numbers) => {
    expect(runNode(opType, [a, b])).toEqual([{ shape: [3], dtype: 'bool', numbers }]);
  });

  it.each([
    ['And', [0, 0, 0, 1]],
    ['Or', [0, 1, 1, 1]],
    ['Xor', [0, 1, 1, 0]],
    ['Equal', [1, 0, 0, 1]],
  ])('%s of bools', (opType, numbers) => {
    const inputs = [fed([4], [0, 0, 1, 1], 'bool'), fed([4], [0, 1, 0, 1], 'bool')];
    expect(runNode(opType, inputs)[0]!.numbers).toEqual(numbers);
  });

  it('Not', () => {
    expect(runNode('Not', [fed([2], [0, 1], 'bool')])[0]!.numbers).toEqual([1, 0]);
  });

  it('IsNaN and IsInf find what is no number', () => {
    const odd = fed([4], [1, NaN, Infinity, -Infinity]);
    expect(runNode('IsNaN', [odd])[0]!.numbers).toEqual([0, 1, 0, 0]);
    expect(runNode('IsInf', [odd])[0]!.numbers).toEqual([0, 0, 1, 1]);
    const upwards = { detect_negative: intAttribute(0) };
    expect(runNode('IsInf', [odd], { attributes: upwards })[0]!.numbers).toEqual([0, 0, 1, 0]);
    const downwards = { detect_positive: intAttribute(0) };
    expect(runNode('IsInf', [odd], { attributes: downwards })[0]!.numbers).toEqual([0, 0, 0, 1]);
  });

  it('Where broadcasts all three', () => {
    const inputs = [known([2, 1], [1, 0], 'bool'), fed([2], [1, 2]), fed([], [9])];
    expect(runNode('Where', inputs)[0]).toMatchObject({ shape: [2, 2], numbers: [1, 2, 9, 9] });
  });
});
