import { describe, expect, it } from 'vitest';
import { goodnessOf } from './measured-outputs.ts';

describe('what is measured of a query', () => {
  it('is the margin or the negative cross-entropy of its class', () => {
    const logits = Float32Array.of(1, 2, 3, 0, 0, 0);
    const softmax = Math.exp(2) / (Math.exp(1) + Math.exp(2) + Math.exp(3));
    const [first, second] = goodnessOf(logits, [1, 0], 'loss');
    expect(first).toBeCloseTo(Math.log(softmax), 6);
    expect(second).toBeCloseTo(-Math.log(3), 6);
    const [margin] = goodnessOf(logits, [1, 0], 'margin');
    expect(margin).toBeCloseTo(Math.log(softmax / (1 - softmax)), 6);
  });

  it('stays finite and tells apart where probabilities round to one or to zero', () => {
    const sure = goodnessOf(Float32Array.of(200, 0, 300, 0), [0, 0], 'margin');
    expect([...sure]).toEqual([200, 300]);
    const wrong = goodnessOf(Float32Array.of(0, 200, 0, 300), [0, 0], 'loss');
    expect([...wrong]).toEqual([-200, -300]);
  });
});
