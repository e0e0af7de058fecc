import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fed, importNode, known, runNode, type TestInput } from '../../../../../testing/onnx-models.ts';
import { stridesOf } from '../../../tensor/shape.ts';
import { elementCount } from '../../../tensor/tensor.ts';
import { intAttribute } from '../../model.ts';

const line = (length: number): number[] => Array.from({ length }, (_, index) => index);
const x = fed([2, 3], line(6));
const along = (axis: number) => ({ attributes: { axis: intAttribute(axis) } });

describe('Gather and GatherElements', () => {
  it('take known and computed indices, from the front or the back', () => {
    for (const make of [known, (shape: number[], numbers: number[]) => fed(shape, numbers, 'int64')]) {
      expect(runNode('Gather', [x, make([2], [-1, 0])], along(1))[0]).toMatchObject({
        shape: [2, 2],
        numbers: [2, 0, 5, 3],
      });
      const perElement = [x, make([2, 2], [0, -1, 1, 1])];
      expect(runNode('GatherElements', perElement, along(1))[0]!.numbers).toEqual([0, 2, 4, 4]);
    }
  });

  it('make a slice of one element and of neighbours, so that gradients need no scattering', () => {
    const { model } = importNode('Gather', [x, known([], [-1])], along(1));
    expect(model.graph.nodes.map(({ op }) => op)).toEqual(['Slice', 'Reshape']);
    expect(runNode('Gather', [x, known([], [-1])], along(1))[0]).toMatchObject({
      shape: [2],
      numbers: [2, 5],
    });
    expect(runNode('Gather', [x, known([1, 2], [1, 2])], along(1))[0]).toMatchObject({
      shape: [2, 1, 2],
      numbers: [1, 2, 4, 5],
    });
  });
});

describe('GatherND', () => {
  it('takes elements or rows by tuples', () => {
    expect(runNode('GatherND', [x, known([2, 2], [0, 1, -1, -1])])[0]!.numbers).toEqual([1, 5]);
    expect(runNode('GatherND', [x, fed([1, 1], [1], 'int64')])[0]).toMatchObject({
      shape: [1, 3],
      numbers: [3, 4, 5],
    });
  });

  it('takes tuples per row of the leading batch axes', () => {
    const attributes = { batch_dims: intAttribute(1) };
    const data = fed([2, 2, 2], line(8));
    const [found] = runNode('GatherND', [data, known([2, 1], [1, 0])], { attributes });
    expect(found).toMatchObject({ shape: [2, 2], numbers: [2, 3, 4, 5] });
  });

  it('agrees with indexing one by one, for known and computed tuples of any width', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        shape,
        fc.nat(),
        fc.infiniteStream(fc.nat()),
        fc.boolean(),
        (extents, choice, draws, isKnown) => {
          const width = 1 + (choice % extents.length);
          const tuples = Array.from({ length: 2 }, () =>
            extents.slice(0, width).map((extent) => draws.next().value! % extent),
          );
          const inner = elementCount(extents.slice(width));
          const expected = tuples.flatMap((tuple) => {
            const first = tuple.reduce((flat, index, axis) => flat + index * stridesOf(extents)[axis]!, 0);
            return line(inner).map((offset) => first + offset);
          });
          const data = fed(extents, line(elementCount(extents)));
          const indices: TestInput = isKnown
            ? known([2, width], tuples.flat())
            : fed([2, width], tuples.flat(), 'int64');
          expect(runNode('GatherND', [data, indices])[0]!.numbers).toEqual(expected);
        },
      ),
    );
  });
});

describe('the largest and where they are', () => {
  const scores = fed([2, 4], [1, 4, 2, 3, 8, 5, 8, 6]);

  it('TopK has its count as an attribute before opset 10, as an input since', () => {
    for (const [opset, more, attributes] of [
      [9, [], { k: intAttribute(2) }],
      [11, [known([1], [2])], {}],
    ] as const) {
      const [values, indices] = runNode('TopK', [scores, ...more], { opset, attributes, outputCount: 2 });
      expect(values).toMatchObject({ shape: [2, 2], numbers: [4, 3, 8, 8] });
      expect(indices).toMatchObject({ dtype: 'int64', numbers: [1, 3, 0, 2] });
    }
  });

  it('TopK finds the smallest too, along any axis', () => {
    const attributes = { axis: intAttribute(0), largest: intAttribute(0) };
    const [values] = runNode('TopK', [scores, known([1], [1])], { attributes, outputCount: 2 });
    expect(values).toMatchObject({ shape: [1, 4], numbers: [1, 4, 2, 3] });
  });

  it('ArgMax and ArgMin take the first or the last of equals', () => {
    const attributes = { axis: intAttribute(1), keepdims: intAttribute(0) };
    expect(runNode('ArgMax', [scores], { attributes })[0]).toMatchObject({ shape: [2], numbers: [1, 0] });
    expect(runNode('ArgMin', [scores], { attributes })[0]!.numbers).toEqual([0, 1]);
    const last = { ...attributes, select_last_index: intAttribute(1) };
    expect(runNode('ArgMax', [scores], { attributes: last })[0]!.numbers).toEqual([1, 2]);
  });
});

describe('OneHot and NonZero', () => {
  it('OneHot puts one value at the index, counted from the back too, and another elsewhere', () => {
    const inputs = [fed([2], [1, -1], 'int64'), known([], [3]), known([2], [5, 9], 'float32')];
    expect(runNode('OneHot', inputs)[0]).toMatchObject({ shape: [2, 3], numbers: [5, 9, 5, 5, 5, 9] });
    expect(runNode('OneHot', inputs, along(0))[0]).toMatchObject({
      shape: [3, 2],
      numbers: [5, 5, 9, 5, 5, 9],
    });
  });

  it('NonZero lists coordinates, where they do not depend on the image', () => {
    const [found] = runNode('NonZero', [known([2, 2], [0, 1, 1, 1])]);
    expect(found).toEqual({ shape: [2, 3], dtype: 'int64', numbers: [0, 1, 1, 1, 0, 1] });
    expect(() => runNode('NonZero', [x])).toThrow('depends on the image');
  });
});
