import { describe, expect, it } from 'vitest';
import { placeInOrder, shortValue } from './order-words.ts';

describe('shortValue', () => {
  it('says a class, a figure, a day, a folder', () => {
    expect(shortValue('label', 'coat')).toBe('coat');
    expect(shortValue('label_score', 0.98765)).toBe('0.988');
    expect(shortValue('import', '2026-05-03T10:00:00.000Z')).toBe('3 May');
    expect(shortValue('path', 'train/coat/0001.png')).toBe('coat');
    expect(shortValue('path', 'zebra.png')).toBe('z');
    expect(shortValue('confidence', null)).toBe('–');
  });
});

describe('placeInOrder', () => {
  it('says the value and the place, or the place alone', () => {
    expect(placeInOrder('label', 'coat', 119, 3006)).toBe('coat, image 120 of 3,006');
    expect(placeInOrder('label', null, 0, 3)).toBe('no value, image 1 of 3');
    expect(placeInOrder('label', undefined, 0, 3)).toBe('image 1 of 3');
  });
});
