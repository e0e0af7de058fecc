import { expect, it } from 'vitest';
import { LatestFirst } from './latest-first.ts';

it('does what was asked for last, and nothing that was overtaken while something else was done', async () => {
  const done: number[] = [];
  const release: (() => void)[] = [];
  const jumps = new LatestFirst<number>(async (wish) => {
    await new Promise<void>((resolve) => release.push(resolve));
    done.push(wish);
  });
  for (const wish of [1, 2, 3]) jumps.ask(wish);
  release.shift()!();
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  release.shift()!();
  await new Promise((resolve) => setTimeout(resolve));
  expect(done).toEqual([1, 3]);
  expect(release).toEqual([]);
});
