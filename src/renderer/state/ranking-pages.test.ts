import { describe, expect, it } from 'vitest';
import { nextOpenIndex, pagesHolding, type NextOpen } from './ranking-pages.ts';

const open = { state: 'open' } as const;
const kept = { state: 'keep' } as const;
const next = (fetched: readonly ({ readonly state: string } | undefined)[], from: number): NextOpen =>
  nextOpenIndex((index) => fetched[index], fetched.length, from);

describe('nextOpenIndex', () => {
  it('skips what is decided', () => {
    expect(next([kept, kept, kept, open], 0)).toEqual({ kind: 'open', index: 3 });
  });

  it('goes round the end to what was skipped over', () => {
    expect(next([open, kept, kept], 1)).toEqual({ kind: 'open', index: 0 });
  });

  it('stops at a part that is not fetched instead of jumping over it', () => {
    expect(next([kept, undefined, open], 0)).toEqual({ kind: 'unknown', index: 1 });
  });

  it('finds the image at hand last, and nothing where all are decided', () => {
    expect(next([kept, open], 1)).toEqual({ kind: 'open', index: 1 });
    expect(next([kept, kept], 0)).toEqual({ kind: 'none' });
    expect(next([], 0)).toEqual({ kind: 'none' });
  });
});

describe('pagesHolding', () => {
  it('names each page once, in order', () => {
    expect(pagesHolding([250, 3, 99, 201])).toEqual([0, 2]);
  });
});
