import { describe, expect, it } from 'vitest';
import { emptyDynamics, meanDynamics, observe } from './training-dynamics.ts';

/** One image of class 0 out of two; the margin is the first logit. */
function watch(margins: readonly number[], epochCount = margins.length): Float32Array {
  const sums = emptyDynamics(1);
  for (const [epoch, margin] of margins.entries())
    observe(sums, 0, { logits: Float32Array.of(margin, 0), label: 0, loss: 1 + epoch, epoch, epochCount });
  return sums;
}

function dynamicsOf(...trainings: readonly (readonly number[])[]): ReturnType<typeof meanDynamics> {
  const observed = trainings.map((margins) => ({
    sums: watch(margins),
    places: [0],
    epochCount: margins.length,
  }));
  return meanDynamics(observed, 1);
}

describe('what a training saw of an image', () => {
  it('means margin and loss over the epochs', () => {
    const { margins, losses } = dynamicsOf([-2, 1, 4, 5]);
    expect(margins[0]).toBe(2);
    expect(losses[0]).toBe(2.5);
  });

  it('counts each fall from right to wrong; a margin of zero is wrong', () => {
    expect(dynamicsOf([1, -1, 1, 0, 2]).forgettings[0]).toBe(2);
    expect(dynamicsOf([-1, -1, 1, 2, 3]).forgettings[0]).toBe(0);
  });

  it('never learned is infinite; learned in one training of two, it counts that training’s epochs for the other', () => {
    expect(dynamicsOf([-1, 0, -3]).forgettings[0]).toBe(Infinity);
    expect(dynamicsOf([-1, 0, -3], [1, -1, 1]).forgettings[0]).toBe((3 + 1) / 2);
  });

  it('measures the error vector over the first quarter of the epochs without the very first', () => {
    // Epochs 1 and 2 of 12: right for sure, then half and half.
    const margins = [-5, 50, 0, ...Array.from({ length: 9 }, () => -9)];
    expect(dynamicsOf(margins).errorLengths[0]).toBeCloseTo(Math.SQRT1_2 / 2, 6);
    expect(dynamicsOf([0]).errorLengths[0]).toBeCloseTo(Math.SQRT1_2, 6);
  });

  it('is not a number for an image that no training learned from', () => {
    const { margins, forgettings } = meanDynamics([], 1);
    expect(margins[0]).toBeNaN();
    expect(forgettings[0]).toBeNaN();
  });

  it('averages over the trainings that an image took part in', () => {
    const observed = [
      { sums: watch([1]), places: [0], epochCount: 1 },
      { sums: watch([3]), places: [1], epochCount: 1 },
      { sums: watch([4]), places: [1], epochCount: 1 },
    ];
    expect([...meanDynamics(observed, 2).margins]).toEqual([1, 3.5]);
  });
});
