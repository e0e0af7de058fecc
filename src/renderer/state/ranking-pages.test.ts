import { describe, expect, it } from 'vitest';
import { nextOpenIndex, pagesHolding } from './ranking-pages.ts';

const open = { state: 'open' } as const;
const kept = { state: 'keep' } as const;

describe('nextOpenIndex', () => {
  it('skips what is decided', () => {
    expect(nextOpenIndex([kept, kept, kept, open], 0)).toEqual({ kind: 'open', index: 3 });
  });

  it('goes round the end to what was skipped over', () => {
    expect(nextOpenIndex([open, kept, kept], 1)).toEqual({ kind: 'open', index: 0 });
  });

  it('stops at a part that is not fetched instead of jumping over it', () => {
    expect(nextOpenIndex([kept, undefined, open], 0)).toEqual({ kind: 'unknown', index: 1 });
  });

  it('finds the image at hand last, and nothing where all are decided', () => {
    expect(nextOpenIndex([kept, open], 1)).toEqual({ kind: 'open', index: 1 });
    expect(nextOpenIndex([kept, kept], 0)).toEqual({ kind: 'none' });
    expect(nextOpenIndex([], 0)).toEqual({ kind: 'none' });
  });
});

describe('pagesHolding', () => {
  it('names each page once, in order', () => {
    expect(pagesHolding([250, 3, 99, 201])).toEqual([0, 2]);
  });
});
