import { describe, expect, it } from 'vitest';
import { TimeLeft } from './time-left.ts';

describe('TimeLeft', () => {
  it('says nothing before it has seen enough, then follows the pace', () => {
    let nowMs = 0;
    const timeLeft = new TimeLeft(() => nowMs);
    expect(timeLeft.update(0)).toBeNull();
    nowMs = 1_000;
    expect(timeLeft.update(0.01)).toBeNull();
    nowMs = 10_000;
    expect(timeLeft.update(0.1)).toBeCloseTo(90);
    expect(timeLeft.update(null)).toBeNull();
  });

  it('forgets a pace that is more than half a minute old', () => {
    let nowMs = 0;
    const timeLeft = new TimeLeft(() => nowMs);
    for (; nowMs <= 100_000; nowMs += 1_000) timeLeft.update((0.5 * nowMs) / 100_000);
    for (; nowMs <= 200_000; nowMs += 1_000) timeLeft.update(0.5 + (0.05 * (nowMs - 100_000)) / 100_000);
    expect(timeLeft.update(0.55)).toBeCloseTo(0.45 / 0.0005, -2);
  });
});
