import { expect, test } from 'vitest';
import { RestartPolicy } from './restart-policy.ts';

test('the first stop is answered at once, later ones after longer and longer waits', () => {
  const policy = new RestartPolicy();
  const delays = [0, 1, 2, 3].map((second) => policy.delayAfterExit(second * 1000));
  expect(delays[0]).toBe(0);
  expect(delays).toEqual([...delays].sort((left, right) => Number(left) - Number(right)));
});

test('an engine that keeps stopping is given up', () => {
  const policy = new RestartPolicy();
  const delays = [0, 1, 2, 3, 4].map((second) => policy.delayAfterExit(second * 1000));
  expect(delays.at(-1)).toBeNull();
});

test('stops that lie far apart never add up', () => {
  const policy = new RestartPolicy();
  for (let hour = 0; hour < 10; hour++) expect(policy.delayAfterExit(hour * 3_600_000)).toBe(0);
});

test('a wish for another try starts the count anew', () => {
  const policy = new RestartPolicy();
  for (let second = 0; second < 5; second++) policy.delayAfterExit(second * 1000);
  policy.forgive();
  expect(policy.delayAfterExit(6000)).toBe(0);
});
