/** @file The noise matrix as a person reads it: one row per given label, with its share of wrong labels. */
import type { NoiseMatrix } from '../../contract/findings-service.ts';
import type { ClassId } from '../../contract/vocabulary.ts';

export interface NoiseRow {
  readonly given: ClassId;
  readonly total: number;
  readonly wrong: number;
  /** Of the images with this label, 0…1. */
  readonly share: number;
}

export interface NoiseTable {
  /** Classes with images, in the project's order. */
  readonly classes: readonly ClassId[];
  readonly rows: readonly NoiseRow[];
  countOf(given: ClassId, truth: ClassId): number;
  /** Pairs of different classes, the most frequent first. */
  readonly mixUps: NoiseMatrix['cells'];
}

export function makeNoiseTable({ cells }: NoiseMatrix, order: readonly ClassId[]): NoiseTable {
  const keyOf = (given: ClassId, truth: ClassId): string => `${given} ${truth}`;
  const counts = new Map(cells.map(({ given, truth, count }) => [keyOf(given, truth), count]));
  const present = new Set(cells.flatMap(({ given, truth }) => [given, truth]));
  const classes = order.filter((label) => present.has(label));
  const countOf = (given: ClassId, truth: ClassId): number => counts.get(keyOf(given, truth)) ?? 0;
  const rows = classes.map((given) => {
    const total = classes.reduce((sum, truth) => sum + countOf(given, truth), 0);
    const wrong = total - countOf(given, given);
    return { given, total, wrong, share: total === 0 ? 0 : wrong / total };
  });
  const mixUps = cells
    .filter(({ given, truth }) => given !== truth)
    .toSorted((a, b) => b.count - a.count || a.given - b.given || a.truth - b.truth);
  return { classes, rows, countOf, mixUps };
}
