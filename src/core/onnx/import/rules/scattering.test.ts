import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fed,
  importNode,
  known,
  runNode,
  type NodeCase,
  type TestInput,
} from '../../../../../testing/onnx-models.ts';
import { batchLayout } from '../../../compiler/batch-layout.ts';
import { intAttribute, stringAttribute } from '../../model.ts';

const zeros = fed([2, 3], new Float32Array(6).fill(9));
const adding = { reduction: stringAttribute('add') };
const numbers = (opType: string, inputs: TestInput[], options: NodeCase = {}) =>
  runNode(opType, inputs, options)[0]!.numbers;

describe.each([
  ['known', known],
  ['computed', (shape: number[], positions: number[]) => fed(shape, positions, 'int64')],
])('scattering at %s positions', (_, positions) => {
  it('ScatterND puts elements or rows in place', () => {
    const updates = fed([2], [1, 2]);
    expect(numbers('ScatterND', [zeros, positions([2, 2], [0, 1, -1, -1]), updates])).toEqual([
      9, 1, 9, 9, 9, 2,
    ]);
    const row = fed([1, 3], [1, 2, 3]);
    expect(numbers('ScatterND', [zeros, positions([1, 1], [1]), row])).toEqual([9, 9, 9, 1, 2, 3]);
  });

  it('ScatterND adds, also twice in one place', () => {
    const rows = fed([2, 3], [1, 2, 3, 10, 20, 30]);
    const inputs = [zeros, positions([2, 1], [0, 0]), rows];
    expect(numbers('ScatterND', inputs, { opset: 16, attributes: adding })).toEqual([20, 31, 42, 9, 9, 9]);
  });

  it('ScatterElements replaces and adds along an axis', () => {
    const inputs = [zeros, positions([2, 1], [1, -1]), fed([2, 1], [1, 2])];
    const axis = { axis: intAttribute(1) };
    expect(numbers('ScatterElements', inputs, { attributes: axis })).toEqual([9, 1, 9, 9, 9, 2]);
    expect(numbers('Scatter', inputs, { opset: 9, attributes: axis })).toEqual([9, 1, 9, 9, 9, 2]);
    const added = numbers('ScatterElements', inputs, { opset: 16, attributes: { ...axis, ...adding } });
    expect(added).toEqual([9, 10, 9, 9, 9, 11]);
  });
});

describe('scattering', () => {
  it('lets the last of several updates to one place win', () => {
    const inputs = [zeros, known([2, 2], [0, 0, 0, 0]), fed([2], [1, 2])];
    expect(numbers('ScatterND', inputs)[0]).toBe(2);
  });

  it('assigns grids, however they are ordered, without touching axes that they cover as a whole', () => {
    const positions = fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(positions, positions, (rows, columns) => {
        const data = fed([2, 4, 4], new Float32Array(32).fill(-1));
        const tuples = [0, 1].flatMap((image) =>
          rows.flatMap((row) => columns.map((column) => [image, row, column])),
        );
        const updates = tuples.map((_, index) => index);
        const expected = new Array<number>(32).fill(-1);
        tuples.forEach(([image, row, column], index) => (expected[image! * 16 + row! * 4 + column!] = index));
        const inputs = [data, known([tuples.length, 3], tuples.flat()), fed([tuples.length], updates)];
        expect(numbers('ScatterND', inputs)).toEqual(expected);
        const { model } = importNode('ScatterND', inputs);
        const images = [model.inputs.get('x0')!];
        expect(batchLayout([...model.outputs.values()], images).axisOf(model.outputs.get('y0')!)).toEqual({
          axis: 0,
          before: 1,
          after: 1,
        });
      }),
    );
  });

  it('changes nothing where no position is named', () => {
    const inputs = [zeros, known([0, 1], []), known([0, 3], [], 'float32')];
    expect(numbers('ScatterND', inputs)).toEqual([9, 9, 9, 9, 9, 9]);
  });

  it('assigns scattered elements that are no grid', () => {
    const inputs = [zeros, known([3, 2], [0, 0, 1, 1, 0, 2]), fed([3], [1, 2, 3])];
    expect(numbers('ScatterND', inputs)).toEqual([1, 9, 3, 9, 2, 9]);
  });

  it('computes what it puts into a shape', () => {
    const inputs = [known([3], [1, 2, 3]), known([1, 1], [1]), known([1], [7])];
    expect(runNode('ScatterND', inputs)[0]).toEqual({ shape: [3], dtype: 'int64', numbers: [1, 7, 3] });
  });

  it('refuses other ways to combine', () => {
    const inputs = [zeros, known([1, 2], [0, 0]), fed([1], [1])];
    const attributes = { reduction: stringAttribute('mul') };
    expect(() => runNode('ScatterND', inputs, { attributes })).toThrow('reduction mul');
  });
});
