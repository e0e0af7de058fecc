import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { computeLimits, machineMemory } from './compute-limits.ts';

it('takes what was set', () => {
  expect(computeLimits({ threads: 3, memoryMib: 512 })).toEqual({ threads: 3, memoryBytes: 512 * 2 ** 20 });
});

it('chooses what leaves the machine room where nothing was set', () => {
  const { threads, memoryBytes } = computeLimits({ threads: 0, memoryMib: 0 });
  expect(threads).toBeGreaterThanOrEqual(1);
  expect(threads).toBeLessThanOrEqual(availableParallelism());
  expect(memoryBytes / machineMemory()).toBeCloseTo(0.75, 2);
});
