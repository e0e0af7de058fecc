import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fed, importNode, runNode, type TestInput } from '../../../../../testing/onnx-models.ts';
import { stringAttribute } from '../../model.ts';

const options = (equation: string) => ({ attributes: { equation: stringAttribute(equation) } });
const drawn = (shape: number[]): TestInput => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return fed(
    shape,
    Array.from({ length: count }, (_, index) => ((index * 7) % 11) - 5),
  );
};

/** The definition: for every assignment of the labels, the product of the operands' elements is added to the result's. */
function bySumming(
  terms: string[],
  result: string,
  extents: ReadonlyMap<string, number>,
  inputs: TestInput[],
) {
  const labels = [...extents.keys()];
  const flat = (term: string, at: ReadonlyMap<string, number>) =>
    Array.from(term).reduce((position, label) => position * extents.get(label)! + at.get(label)!, 0);
  const size = Array.from(result).reduce((product, label) => product * extents.get(label)!, 1);
  const sums = new Array<number>(size).fill(0);
  const visit = (depth: number, at: Map<string, number>): void => {
    if (depth < labels.length) {
      for (let index = 0; index < extents.get(labels[depth]!)!; index++) {
        visit(depth + 1, at.set(labels[depth]!, index));
      }
      return;
    }
    const product = terms.reduce(
      (all, term, index) => all * Number(inputs[index]!.tensor.data[flat(term, at)]),
      1,
    );
    sums[flat(result, at)]! += product;
  };
  visit(0, new Map());
  return sums;
}

describe('Einsum', () => {
  it.each([
    [
      'bij,bjk->bik',
      [
        [2, 2, 3],
        [2, 3, 2],
      ],
    ],
    [
      'nhqd,nhkd->nhqk',
      [
        [1, 2, 3, 2],
        [1, 2, 2, 2],
      ],
    ],
    ['ij->ji', [[2, 3]]],
    ['ij->', [[2, 3]]],
    [
      'ij,kj->ik',
      [
        [2, 3],
        [2, 3],
      ],
    ],
    ['i,j->ij', [[2], [3]]],
    [
      'ij,jk,kl->il',
      [
        [2, 3],
        [3, 2],
        [2, 2],
      ],
    ],
    [
      'bhwc,hkc->bhwk',
      [
        [2, 2, 3, 2],
        [2, 3, 2],
      ],
    ],
  ])('%s', (equation, shapes) => {
    const [left, result] = equation.split('->') as [string, string];
    const terms = left.split(',');
    const extents = new Map(
      terms.flatMap((term, index) =>
        Array.from(term, (label, axis) => [label, shapes[index]![axis]!] as const),
      ),
    );
    const inputs = shapes.map(drawn);
    expect(runNode('Einsum', inputs, options(equation))[0]!.numbers).toEqual(
      bySumming(terms, result, extents, inputs),
    );
  });

  it('agrees with its definition for random equations', () => {
    const term = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 });
    const extents = new Map([
      ['a', 2],
      ['b', 3],
      ['c', 1],
      ['d', 2],
    ]);
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 3 }), fc.nat(), (lists, choice) => {
        const used = [...new Set(lists.flat())];
        const result = used.filter((_, index) => ((choice >> index) & 1) === 1).join('');
        const terms = lists.map((list) => list.join(''));
        const inputs = lists.map((list) => drawn(list.map((label) => extents.get(label)!)));
        const [found] = runNode('Einsum', inputs, options(`${terms.join()}->${result}`));
        const own = new Map(used.map((label) => [label, extents.get(label)!]));
        expect(found!.numbers.map((number) => number + 0)).toEqual(
          bySumming(terms, result, own, inputs).map((number) => number + 0),
        );
      }),
    );
  });

  it('has a result of its own without an arrow, and axes behind an ellipsis', () => {
    expect(runNode('Einsum', [drawn([2, 3]), drawn([3, 2])], options('ij,jk'))[0]!.shape).toEqual([2, 2]);
    const [found] = runNode('Einsum', [drawn([4, 2, 3]), drawn([2, 3, 5])], options('...i,...ij->...j'));
    expect(found!.shape).toEqual([4, 2, 5]);
  });

  it('refuses diagonals', () => {
    expect(() => importNode('Einsum', [drawn([2, 2])], options('ii->i'))).toThrow('a label occurs twice');
  });
});
