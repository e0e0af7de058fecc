import { describe, expect, it } from 'vitest';
import { fed, known, runNode, type TestInput } from '../../../../../testing/onnx-models.ts';
import { intAttribute, intsAttribute, type OnnxAttribute } from '../../model.ts';

const x = fed([2, 2], [1, 2, -3, 4]);
const dropped = { keepdims: intAttribute(0) };
const total = (list: number[]) => list.reduce((sum, one) => sum + one, 0);

const rows: [string, (row: number[]) => number][] = [
  ['ReduceSum', total],
  ['ReduceMean', (row) => total(row) / row.length],
  ['ReduceMax', (row) => Math.max(...row)],
  ['ReduceMin', (row) => Math.min(...row)],
  ['ReduceProd', (row) => row.reduce((product, one) => product * one, 1)],
  ['ReduceSumSquare', (row) => total(row.map((one) => one * one))],
  ['ReduceL1', (row) => total(row.map(Math.abs))],
  ['ReduceL2', (row) => Math.hypot(...row)],
  ['ReduceLogSum', (row) => Math.log(total(row))],
  ['ReduceLogSumExp', (row) => Math.log(total(row.map(Math.exp)))],
];

describe('reductions', () => {
  it.each(rows)('%s, axes as an attribute or as an input', (opType, reduce) => {
    const expected = [
      [1, 2],
      [-3, 4],
    ].map(reduce);
    const older = runNode(opType, [x], {
      opset: 11,
      attributes: { axes: intsAttribute([-1]), ...dropped },
    })[0]!;
    const newer = runNode(opType, [x, known([1], [1])], { opset: 18 })[0]!;
    expect(older.shape).toEqual([2]);
    expect(newer.shape).toEqual([2, 1]);
    for (const found of [older, newer]) {
      found.numbers.forEach((number, index) => expect(number).toBeCloseTo(expected[index]!, 12));
    }
  });

  it('run over all axes where none are named, or over none if asked', () => {
    expect(runNode('ReduceSum', [x])[0]).toMatchObject({ shape: [1, 1], numbers: [4] });
    const attributes: Record<string, OnnxAttribute> = { noop_with_empty_axes: intAttribute(1) };
    expect(runNode('ReduceSum', [x, known([0], [])], { attributes })[0]!.numbers).toEqual([1, 2, -3, 4]);
  });

  it('ReduceLogSumExp does not overflow', () => {
    expect(runNode('ReduceLogSumExp', [fed([2], [1000, 1000])])[0]!.numbers[0]).toBeCloseTo(
      1000 + Math.LN2,
      9,
    );
  });

  it('ReduceProd multiplies the extents of a shape, and none to 1', () => {
    const product = (numbers: number[]) =>
      runNode('ReduceProd', [known([numbers.length], numbers)], { attributes: dropped })[0];
    expect(product([2, 3, 4])).toEqual({ shape: [], dtype: 'int64', numbers: [24] });
    expect(product([])!.numbers).toEqual([1]);
    expect(() => runNode('ReduceProd', [fed([300], new Float32Array(300))])).toThrow(
      'multiplies 300 elements',
    );
  });

  it('CumSum runs either way, with or without the element itself, also on integers', () => {
    const sums = (input: TestInput, attributes: Record<string, OnnxAttribute> = {}) =>
      runNode('CumSum', [input, known([], [0])], { attributes })[0];
    const ones = known([3], [1, 2, 3]);
    expect(sums(ones)).toEqual({ shape: [3], dtype: 'int64', numbers: [1, 3, 6] });
    const [exclusive, reverse] = [{ exclusive: intAttribute(1) }, { reverse: intAttribute(1) }];
    expect(sums(ones, exclusive)!.numbers).toEqual([0, 1, 3]);
    expect(sums(ones, reverse)!.numbers).toEqual([6, 5, 3]);
    expect(sums(ones, { ...exclusive, ...reverse })!.numbers).toEqual([5, 3, 0]);
    expect(sums(x)!.numbers).toEqual([1, 2, -2, 6]);
  });
});
