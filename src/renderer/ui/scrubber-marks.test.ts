import { describe, expect, it } from 'vitest';
import { shownMarks } from './scrubber-marks.ts';

const marks = (text: string) => Array.from(text, (each, index) => ({ index, text: each }));

describe('shownMarks', () => {
  it('says a thing once, where it begins', () => {
    expect(shownMarks(marks('aaabbb'), 6, 600, 20)).toEqual([
      { index: 0, text: 'a', top: 0 },
      { index: 3, text: 'b', top: 300 },
    ]);
  });

  it('leaves out what would lie over another, or over the end', () => {
    expect(shownMarks(marks('abcd'), 4, 40, 20).map(({ text }) => text)).toEqual(['a', 'c']);
    expect(shownMarks(marks('ab'), 2, 30, 20).map(({ text }) => text)).toEqual(['a']);
  });

  it('says nothing of what has no value', () => {
    expect(shownMarks([{ index: 0, text: '' }], 1, 100, 20)).toEqual([]);
  });
});
