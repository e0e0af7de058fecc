/** @file What a bench module offers: `run`, and how its result is judged. */
export interface BenchOptions {
  /** End within about a minute, on smaller sizes. */
  readonly quick: boolean;
  readonly seed: number;
}

/** At least the number, or at most it where lower is better. */
export type Goal = number | { readonly atMost: number };

export interface BenchResult {
  readonly figures: Readonly<Record<string, number>>;
  readonly goals: Readonly<Record<string, Goal>>;
  /** For a person; the first row is the head. */
  readonly table: readonly (readonly string[])[];
}

export type Bench = (options: BenchOptions) => Promise<BenchResult>;

export function goalIsMet(figure: number | undefined, goal: Goal): boolean {
  if (figure === undefined || Number.isNaN(figure)) return false;
  return typeof goal === 'number' ? figure >= goal : figure <= goal.atMost;
}
