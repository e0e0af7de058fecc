/** @file The window over a generated project of 100,000 images. */
import type { BenchOptions, BenchResult } from './bench.ts';
import { measureLargeProject } from './window/measure-large-project.ts';

export function run({ quick }: BenchOptions): Promise<BenchResult> {
  const goals = { open: 2000, filter: 300, order: 1000 };
  return measureLargeProject({ images: quick ? 20_000 : 100_000, quick, goals });
}
