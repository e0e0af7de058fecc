/** @file Finding the way in a ranking of which only some pages are fetched. */

export const PAGE_SIZE = 100;

/** The pages that hold these indices, each once, in order. */
export function pagesHolding(indices: readonly number[]): number[] {
  return [...new Set(indices.map((index) => Math.floor(index / PAGE_SIZE)))].toSorted((a, b) => a - b);
}

export type NextOpen =
  | { readonly kind: 'open'; readonly index: number }
  /** The search reached a part that is not fetched; fetch it and ask again. */
  | { readonly kind: 'unknown'; readonly index: number }
  | { readonly kind: 'none' };

/** The first undecided one of `total` after `from`, going round the end; `at` gives what is fetched. */
export function nextOpenIndex(
  at: (index: number) => { readonly state: string } | undefined,
  total: number,
  from: number,
): NextOpen {
  for (let step = 1; step <= total; step++) {
    const index = (from + step) % total;
    const issue = at(index);
    if (issue === undefined) return { kind: 'unknown', index };
    if (issue.state === 'open') return { kind: 'open', index };
  }
  return { kind: 'none' };
}
