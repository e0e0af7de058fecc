/** @file Mean and deviation of each query's scores over all training images, while score blocks stream by. */
import type { ScoreBlock } from './score-queries.ts';

export interface ScoreMoments {
  readonly mean: number;
  readonly deviation: number;
}

export class RunningMoments {
  #count = 0;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;

  constructor(queries: number) {
    this.#sums = new Float64Array(queries);
    this.#squares = new Float64Array(queries);
  }

  add({ scores: { rows, columns, data } }: ScoreBlock): void {
    for (let query = 0; query < rows; query++)
      for (let at = query * columns; at < (query + 1) * columns; at++) {
        const score = data[at]!;
        this.#sums[query]! += score;
        this.#squares[query]! += score * score;
      }
    this.#count += columns;
  }

  /** One per query. */
  result(): ScoreMoments[] {
    return Array.from(this.#sums, (sum, query) => {
      const mean = sum / this.#count;
      return { mean, deviation: Math.sqrt(Math.max(0, this.#squares[query]! / this.#count - mean * mean)) };
    });
  }
}
