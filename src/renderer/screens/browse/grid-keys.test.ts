import { describe, expect, it } from 'vitest';
import { moveOf } from './grid-keys.ts';

describe('moveOf', () => {
  it('moves by one, by a row, by a view, or to an end', () => {
    expect(moveOf('moving.right', 9, 5)).toBe(1);
    expect(moveOf('moving.up', 9, 5)).toBe(-9);
    expect(moveOf('moving.view-down', 9, 5)).toBe(45);
    expect(moveOf('moving.last', 9, 5)).toBe(Infinity);
  });
});
