/** @file How long a run will still take, from how fast its fraction grew lately. */

/** Old enough to mean something, young enough to follow a change of pace. */
const WINDOW_MS = 30_000;
const LEAST_OBSERVED_MS = 1_500;

export class TimeLeft {
  readonly #clock: () => number;
  #observations: { atMs: number; fraction: number }[] = [];

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Seconds left given the fraction done now; null where that cannot be told yet. */
  update(fraction: number | null): number | null {
    if (fraction === null) return null;
    const atMs = this.#clock();
    if (fraction < (this.#observations.at(-1)?.fraction ?? 0)) this.#observations = [];
    this.#observations.push({ atMs, fraction });
    while (this.#observations.length > 2 && atMs - this.#observations[1]!.atMs > WINDOW_MS)
      this.#observations.shift();
    const first = this.#observations[0]!;
    const grown = fraction - first.fraction;
    if (atMs - first.atMs < LEAST_OBSERVED_MS || grown <= 0) return null;
    return ((1 - fraction) * (atMs - first.atMs)) / grown / 1000;
  }
}
