import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fed, known, runNode, type TestInput } from '../../../../../testing/onnx-models.ts';
import { floatAttribute, intsAttribute, stringAttribute } from '../../model.ts';

const INT64_MAX = 2 ** 63;
const line = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** What Python's x[start:end:step] takes of 0, 1, 2, …. */
function pythonSlice(length: number, start: number, end: number, step: number): number[] {
  const clamp = (position: number) => {
    const fromFront = position < 0 ? position + length : position;
    return step > 0
      ? Math.min(Math.max(fromFront, 0), length)
      : Math.min(Math.max(fromFront, -1), length - 1);
  };
  const taken: number[] = [];
  const [first, last] = [clamp(start), clamp(end)];
  for (let at = first; step > 0 ? at < last : at > last; at += step) taken.push(at);
  return taken;
}

describe('Slice', () => {
  it('has its ranges as attributes before opset 10, as inputs since', () => {
    const x = fed([2, 3], line(6));
    const attributes = {
      starts: intsAttribute([1]),
      ends: intsAttribute([INT64_MAX]),
      axes: intsAttribute([-1]),
    };
    const expected = { shape: [2, 2], numbers: [1, 2, 4, 5] };
    expect(runNode('Slice', [x], { opset: 9, attributes })[0]).toMatchObject(expected);
    const inputs = [x, known([1], [1]), known([1], [INT64_MAX]), known([1], [-1])];
    expect(runNode('Slice', inputs, { opset: 13 })[0]).toMatchObject(expected);
  });

  it('takes what Python takes, of images and of shapes', () => {
    const bound = fc.oneof(fc.integer({ min: -12, max: 12 }), fc.constantFrom(INT64_MAX, -INT64_MAX));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        bound,
        bound,
        fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0),
        (length, start, end, step) => {
          const range = [[start], [end], [0], [step]].map((numbers) => known([1], numbers));
          const expected = pythonSlice(length, start, end, step);
          const [ofShape] = runNode('Slice', [known([length], line(length)), ...range]);
          expect(ofShape!.numbers).toEqual(expected);
          if (expected.length === 0) return;
          expect(runNode('Slice', [fed([length], line(length)), ...range])[0]!.numbers).toEqual(expected);
        },
      ),
    );
  });

  it('refuses ranges that depend on the image', () => {
    const inputs = [fed([2], [1, 2]), fed([1], [0], 'int64'), known([1], [1])];
    expect(() => runNode('Slice', inputs)).toThrow('its input “starts” depends on the image');
  });
});

describe('Pad', () => {
  const x = fed([1, 3], [1, 2, 3]);
  const pad = (mode: string, widths: number[], ...more: TestInput[]) =>
    runNode('Pad', [x, known([4], widths), ...more], {
      opset: 18,
      attributes: { mode: stringAttribute(mode) },
    })[0]!;

  it('has its widths as attributes before opset 11, as inputs since', () => {
    const attributes = { pads: intsAttribute([0, 1, 0, 2]), value: floatAttribute(9) };
    const expected = [9, 1, 2, 3, 9, 9];
    expect(runNode('Pad', [x], { opset: 9, attributes })[0]!.numbers).toEqual(expected);
    expect(pad('constant', [0, 1, 0, 2], known([], [9], 'float32')).numbers).toEqual(expected);
  });

  it('names the axes it pads, from opset 18 on', () => {
    const [found] = runNode('Pad', [x, known([2], [1, 0]), null, known([1], [-1])], { opset: 18 });
    expect(found!.numbers).toEqual([0, 1, 2, 3]);
  });

  it('cuts off by negative widths', () => {
    expect(pad('constant', [0, -1, 0, 1]).numbers).toEqual([2, 3, 0]);
    expect(pad('edge', [0, -1, 0, 1]).numbers).toEqual([2, 3, 3]);
  });

  it.each([
    ['edge', [1, 1, 1, 2, 3, 3]],
    ['reflect', [3, 2, 1, 2, 3, 2]],
    ['wrap', [2, 3, 1, 2, 3, 1]],
  ])('repeats elements in mode %s', (mode, expected) => {
    expect(pad(mode, [0, 2, 0, 1]).numbers).toEqual(expected);
  });

  it('reflects back and forth as far as asked', () => {
    expect(pad('reflect', [0, 5, 0, 0]).numbers).toEqual([2, 1, 2, 3, 2, 1, 2, 3]);
  });

  it('refuses modes it does not know', () => {
    expect(() => pad('mirror', [0, 1, 0, 0])).toThrow('padding mode mirror');
  });
});
