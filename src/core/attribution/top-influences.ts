/** @file The strongest training samples per query, kept while score blocks stream by. */
import { TopList } from '../base/top-list.ts';
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
  readonly #proponents: readonly TopList<Influence>[];
  readonly #opponents: readonly TopList<Influence>[];
  readonly #queryIds: ArrayLike<number>;

  /** `queryIds`, `sampleIds`: the ids of the score matrix's rows and columns. An image is never its own influence. */
  constructor(queryIds: ArrayLike<number>, sampleIds: ArrayLike<number>, topCount: number) {
    this.#queryIds = queryIds;
    this.#sampleIds = sampleIds;
    this.#proponents = Array.from(queryIds, () => strongestList(topCount));
    this.#opponents = Array.from(queryIds, () => strongestList(topCount));
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
        if (sampleId === ownId) continue;
        const deviation = block.deviations?.data[query * columns + column];
        list.offer(Math.abs(score), {
          ...{ sampleId, score },
          ...(deviation === undefined ? {} : { deviation }),
        });
      }
    }
  }

  result(): QueryInfluences[] {
    return this.#proponents.map((proponents, query) => ({
      proponents: influencesOf(proponents),
      opponents: influencesOf(this.#opponents[query]!),
    }));
  }
}

/** By magnitude. */
function strongestList(topCount: number): TopList<Influence> {
  return new TopList(topCount, (influence, than) => influence.sampleId < than.sampleId);
}

function influencesOf(list: TopList<Influence>): Influence[] {
  return list.entries().map(({ item }) => item);
}
