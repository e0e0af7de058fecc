import { describe, expect, it } from 'vitest';
import { makeCaseFile } from '../../../testing/case-file.ts';
import type { Exhibit } from '../../contract/cases-service.ts';
import type { CaseId } from '../../contract/vocabulary.ts';
import { drawnOrder, judgingOrder } from './blind-order.ts';

const [first] = makeCaseFile().exhibits;
const exhibits = Array.from({ length: 12 }, (_, index): Exhibit => ({ ...first!, number: index + 1 }));
const numbersOf = (found: readonly Exhibit[]): number[] => found.map(({ number }) => number);
const id = 3 as CaseId;

describe('the order in which exhibits are judged', () => {
  it('goes by number where scores are shown', () => {
    const order = judgingOrder({ id, blind: false, exhibits: exhibits.toReversed() });
    expect(numbersOf(order)).toEqual(numbersOf(exhibits));
  });

  it('is drawn by the case in blind mode: always the same, and another for another case', () => {
    const order = judgingOrder({ id, blind: true, exhibits });
    expect(numbersOf(judgingOrder({ id, blind: true, exhibits: exhibits.toReversed() }))).toEqual(
      numbersOf(order),
    );
    expect(numbersOf(order)).not.toEqual(numbersOf(exhibits));
    expect(numbersOf(judgingOrder({ id: 4 as CaseId, blind: true, exhibits }))).not.toEqual(numbersOf(order));
  });

  it('moves no other exhibit when one is withdrawn', () => {
    const order = numbersOf(judgingOrder({ id, blind: true, exhibits }));
    const left = judgingOrder({ id, blind: true, exhibits: exhibits.filter(({ number }) => number !== 5) });
    expect(numbersOf(left)).toEqual(order.filter((number) => number !== 5));
  });

  it('keeps every candidate that is drawn', () => {
    expect(drawnOrder(id, [1, 2, 3, 4]).toSorted()).toEqual([1, 2, 3, 4]);
  });
});
