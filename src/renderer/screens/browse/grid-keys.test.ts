import { describe, expect, it } from 'vitest';
import { moveOf } from './grid-keys.ts';

describe('moveOf', () => {
  it('moves by one, by a row, by a view, or to an end', () => {
    expect(moveOf('ArrowRight', 9, 5)).toBe(1);
    expect(moveOf('ArrowUp', 9, 5)).toBe(-9);
    expect(moveOf('PageDown', 9, 5)).toBe(45);
    expect(moveOf('End', 9, 5)).toBe(Infinity);
  });

  it('leaves other keys alone', () => {
    expect(moveOf('a', 9, 5)).toBeNull();
  });
});
