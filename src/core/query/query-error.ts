/** @file A query that cannot be understood: what was expected, what stands there, and where. */
import { AppError } from '../base/app-error.ts';

/** `at` counts from 0, what a person reads from 1. */
export function queryError(reason: string, at: number): AppError {
  return new AppError('query-invalid', { reason, at, character: at + 1 });
}

/** The known name nearest to what was written; null where none is near. */
export function nearestName(written: string, known: Iterable<string>): string | null {
  let [nearest, least]: [string | null, number] = [null, Math.ceil(written.length / 3) + 1];
  for (const name of known) {
    const distance = editDistance(written.toLowerCase(), name.toLowerCase());
    if (distance < least) [nearest, least] = [name, distance];
  }
  return nearest;
}

/** How many letters must be put in, left out or replaced. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
