/** @file The strongest training samples per query, kept while score blocks stream by. */
import type { ScoreBlock } from './score-queries.ts';

export interface Influence {
  readonly sampleId: number;
  readonly score: number;
  /** Over the members of the ensemble, where the scores came with it. */
  readonly deviation?: number;
}

/** One query's strongest samples, strongest first; equal scores rank the smaller id first. */
export interface QueryInfluences {
  /** Only positive scores: they help. */
  readonly proponents: readonly Influence[];
  /** Only negative scores: they harm. */
  readonly opponents: readonly Influence[];
}

export class TopInfluences {
  readonly #sampleIds: ArrayLike<number>;
  readonly #proponents: readonly StrongestList[];
  readonly #opponents: readonly StrongestList[];
  readonly #queryIds: ArrayLike<number>;

  /** `queryIds`, `sampleIds`: the ids of the score matrix's rows and columns. An image is never its own influence. */
  constructor(queryIds: ArrayLike<number>, sampleIds: ArrayLike<number>, topCount: number) {
    this.#queryIds = queryIds;
    this.#sampleIds = sampleIds;
    this.#proponents = Array.from(queryIds, () => new StrongestList(topCount));
    this.#opponents = Array.from(queryIds, () => new StrongestList(topCount));
  }

  add(block: ScoreBlock): void {
    const { rows, columns, data } = block.scores;
    for (let query = 0; query < rows; query++) {
      const proponents = this.#proponents[query]!;
      const opponents = this.#opponents[query]!;
      const ownId = this.#queryIds[query];
      for (let column = 0; column < columns; column++) {
        const score = data[query * columns + column]!;
        const list = score > 0 ? proponents : opponents;
        // The first test turns nearly all away; zero and NaN pass neither side.
        if (!(Math.abs(score) >= list.threshold) || score === 0) continue;
        const sampleId = this.#sampleIds[block.firstRow + column]!;
        if (sampleId !== ownId) list.offer(sampleId, score, block.deviations?.data[query * columns + column]);
      }
    }
  }

  result(): QueryInfluences[] {
    return this.#proponents.map((proponents, query) => ({
      proponents: proponents.entries(),
      opponents: this.#opponents[query]!.entries(),
    }));
  }
}

/** The strongest by magnitude, kept sorted: lists are short, and after a while few samples get in. */
class StrongestList {
  readonly #limit: number;
  readonly #entries: Influence[] = [];
  /** Magnitude that the next one must reach. */
  threshold = 0;

  constructor(limit: number) {
    this.#limit = limit;
    if (limit === 0) this.threshold = Infinity;
  }

  offer(sampleId: number, score: number, deviation?: number): void {
    const entries = this.#entries;
    let place = entries.length;
    while (place > 0 && isStronger(score, sampleId, entries[place - 1]!)) place--;
    if (place >= this.#limit) return;
    entries.splice(place, 0, { sampleId, score, ...(deviation === undefined ? {} : { deviation }) });
    if (entries.length > this.#limit) entries.pop();
    if (entries.length === this.#limit) this.threshold = Math.abs(entries[entries.length - 1]!.score);
  }

  entries(): readonly Influence[] {
    return this.#entries.slice();
  }
}

function isStronger(score: number, sampleId: number, than: Influence): boolean {
  const difference = Math.abs(score) - Math.abs(than.score);
  return difference > 0 || (difference === 0 && sampleId < than.sampleId);
}
