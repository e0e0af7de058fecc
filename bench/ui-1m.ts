/** @file The window over a generated project of 1,000,000 images. */
import type { BenchOptions, BenchResult } from './bench.ts';
import { measureLargeProject } from './window/measure-large-project.ts';

export function run({ quick }: BenchOptions): Promise<BenchResult> {
  const goals = { open: 5000, filter: 2000, order: 5000 };
  return measureLargeProject({ images: quick ? 20_000 : 1_000_000, quick, goals });
}
