import { describe, expect, it } from 'vitest';
import { opCases } from '../../../testing/op-cases.ts';
import type { OpName } from '../graph/op-attributes.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { inferTypes, opNames } from './infer.ts';

const float = (...shape: number[]): TensorType => ({ dtype: 'float32', shape });
const window = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] } as const;

describe('inference', () => {
  it('knows exactly the operators that have cases', () => {
    expect([...opNames].sort()).toEqual(Object.keys(opCases).sort());
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      'shapes that do not broadcast',
      () => inferTypes('Add', [float(2), float(3)], {}),
      /Add: shapes \[2\] \[3\] clash/,
    ],
    ['mixed element types', () => inferTypes('Add', [float(2), { dtype: 'int64', shape: [2] }], {}), /int64/],
    ['a missing input', () => inferTypes('Add', [float(2)], {}), /got 1/],
    ['a surplus input', () => inferTypes('Relu', [float(2), float(2)], {}), /got 2/],
    ['a condition that is not bool', () => inferTypes('Where', [float(2), float(2), float(2)], {}), /bool/],
    [
      'a reshape that loses elements',
      () => inferTypes('Reshape', [float(2, 3)], { shape: [5] }),
      /\[2,3\] to \[5\]/,
    ],
    [
      'a permutation with a repeat',
      () => inferTypes('Transpose', [float(2, 3)], { permutation: [0, 0] }),
      /\[0,0\]/,
    ],
    ['shrinking by expansion', () => inferTypes('Expand', [float(2)], { shape: [1] }), /does not expand/],
    [
      'a slice past the end',
      () => inferTypes('Slice', [float(4)], { starts: [0], ends: [5], steps: [1] }),
      /0:5:1 of extent 4/,
    ],
    [
      'unsorted axes',
      () => inferTypes('ReduceSum', [float(2, 2)], { axes: [1, 0], keepDims: false }),
      /must rise/,
    ],
    ['float indices', () => inferTypes('Gather', [float(2), float(1)], { axis: 0 }), /int64/],
    [
      'matrices that do not fit',
      () => inferTypes('MatMul', [float(2, 3), float(2, 3)], { transposeA: false, transposeB: false }),
      /\[2,3\] and \[2,3\]/,
    ],
    [
      'channels that do not fit the filters',
      () => inferTypes('Conv', [float(1, 3, 4, 4), float(2, 2, 1, 1)], { ...window, group: 1 }),
      /channels do not fit/,
    ],
    [
      'a filter larger than the image',
      () => inferTypes('Conv', [float(1, 1, 2, 2), float(1, 1, 3, 3)], { ...window, group: 1 }),
      /larger than the padded input/,
    ],
    [
      'a stride of zero',
      () =>
        inferTypes('Conv', [float(1, 1, 2, 2), float(1, 1, 1, 1)], { ...window, strides: [0, 1], group: 1 }),
      /strides \[0,1\]/,
    ],
    [
      'pool padding as wide as the kernel',
      () =>
        inferTypes('MaxPool', [float(1, 1, 4, 4)], {
          ...window,
          kernel: [2, 2],
          pads: [2, 0, 0, 0],
          ceil: false,
        }),
      /smaller than the kernel/,
    ],
    [
      'blocks that do not divide',
      () => inferTypes('DownsampleSum', [float(1, 1, 5, 4)], { scale: 2 }),
      /whole blocks/,
    ],
  ];

  it.each(refused)('refuses %s, naming what came', (_, attempt, message) => {
    expect(attempt).toThrow(message);
  });

  it('names the operator in every refusal', () => {
    const nothing: readonly TensorType[] = [];
    for (const op of opNames) {
      const attributes = opCases[op][0]!.attributes;
      expect(() => inferTypes<OpName>(op, nothing, attributes), op).toThrow(`internal: ${op}: `);
    }
  });
});
