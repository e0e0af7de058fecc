/** @file The figures of an import while it goes on and when it is done. */
import type { RunSummary } from '../runs/run-context.ts';

export class ImportCounts {
  /** Images in the source, readable or not. */
  found = 0;
  added = 0;
  changed = 0;
  /** Under another path, with the content they had. */
  moved = 0;
  unchanged = 0;
  vanished = 0;
  /** Images that could not be read. */
  problems = 0;
  /** What is no image, or is named and not there. */
  otherProblems = 0;
  readonly #startedMs = performance.now();

  get done(): number {
    return this.added + this.changed + this.moved + this.unchanged + this.problems;
  }

  get seconds(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }

  get imagesPerSecond(): number {
    return Math.round(this.done / Math.max(this.seconds, 0.001));
  }

  figures(): Record<string, number> {
    return {
      images: this.done,
      'images per second': this.imagesPerSecond,
      problems: this.problems + this.otherProblems,
    };
  }

  summary(): RunSummary {
    const { found, added, changed, moved, unchanged, vanished, imagesPerSecond } = this;
    const problems = this.problems + this.otherProblems;
    const seconds = Math.round(this.seconds * 100) / 100;
    return { found, added, changed, moved, unchanged, vanished, problems, seconds, imagesPerSecond };
  }

  /** For the history: '3,006 new, 2 changed images'. */
  describe(): string {
    const parts = (['added', 'changed', 'moved', 'vanished'] as const)
      .filter((key) => this[key] > 0)
      .map((key) => `${this[key].toLocaleString('en')} ${key}`);
    return parts.length === 0 ? 'nothing new' : parts.join(', ');
  }
}
