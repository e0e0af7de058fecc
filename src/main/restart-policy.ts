/** @file When a stopped engine is started again, and when that is given up. */

const windowMs = 60_000;
/** Waits before the first, second, … restart within one window; after the last one it is the person's choice. */
const delaysMs: readonly number[] = [0, 500, 2_000, 5_000];

export class RestartPolicy {
  #exitTimesMs: number[] = [];

  /** The engine stopped at `nowMs`: milliseconds to wait before starting it again, or null to give up. */
  delayAfterExit(nowMs: number): number | null {
    this.#exitTimesMs = this.#exitTimesMs.filter((timeMs) => nowMs - timeMs < windowMs);
    const delayMs = delaysMs[this.#exitTimesMs.length] ?? null;
    this.#exitTimesMs.push(nowMs);
    return delayMs;
  }

  /** The person asked for another try: earlier exits no longer count. */
  forgive(): void {
    this.#exitTimesMs = [];
  }
}
