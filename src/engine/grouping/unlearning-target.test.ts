import { describe, expect, it } from 'vitest';
import { settleTarget } from './unlearning-target.ts';

describe('the target of unlearning', () => {
  it('that is left open is another class where the model is told several, else nearest images', () => {
    expect(settleTarget('auto', { classCount: 3 })).toBe('anchor');
    expect(settleTarget('auto', { classCount: 1 })).toBe('softmax');
    expect(settleTarget('auto', { classCount: 0 })).toBe('softmax');
  });

  it('that is chosen stays', () => {
    for (const target of ['softmax', 'anchor', 'zero-as-released'] as const)
      expect(settleTarget(target, { classCount: 2 })).toBe(target);
  });

  it.each([0, 1])('cannot be another class of a model that is told %i', (classCount) => {
    expect(() => settleTarget('anchor', { classCount })).toThrow(
      expect.objectContaining({ code: 'anchors-missing' }),
    );
  });
});
