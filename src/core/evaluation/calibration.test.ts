import { expect, it } from 'vitest';
import { calibrationOf } from './calibration.ts';

it('probabilities that hold what they say have no calibration error; those that boast have as much as they boast', () => {
  const outcomes = [0, 0, 0, 1, 1, 1, 1, 1];
  const honest = Float64Array.of(0.25, 0.25, 0.25, 0.25, 1, 1, 1, 1);
  expect(calibrationOf(honest, outcomes)).toEqual({
    error: 0,
    bins: [
      { said: 0.25, held: 0.25, count: 4 },
      { said: 1, held: 1, count: 4 },
    ],
  });
  const boasting = Float64Array.of(0.75, 0.75, 0.75, 0.75, 1, 1, 1, 1);
  expect(calibrationOf(boasting, outcomes).error).toBe(0.25);
});
