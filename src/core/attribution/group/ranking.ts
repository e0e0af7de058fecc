/** @file The places of groups by falling score, where equal scores share theirs. */
import { ascendingOrder, type Numbers } from '../../linalg/ranks.ts';

export class Ranking {
  /** [G]: the first place, from 0 for the highest score, of those that a group shares with its equals. */
  readonly first: Int32Array;
  /** [G]: the place behind the last of them. */
  readonly #end: Int32Array;

  constructor(scores: Numbers) {
    const falling = ascendingOrder(scores).reverse();
    this.first = new Int32Array(scores.length);
    this.#end = new Int32Array(scores.length);
    for (let from = 0; from < falling.length;) {
      let to = from + 1;
      while (to < falling.length && scores[falling[to]!] === scores[falling[from]!]) to++;
      for (let place = from; place < to; place++) {
        this.first[falling[place]!] = from;
        this.#end[falling[place]!] = to;
      }
      from = to;
    }
  }

  /** [G]: the weight of each group's place; of shared places the mean, which is what breaking ties at random gives on average. */
  weights(weightOf: (place: number) => number): Float64Array {
    return Float64Array.from(this.first, (from, group) => {
      const to = this.#end[group]!;
      let sum = 0;
      for (let place = from; place < to; place++) sum += weightOf(place);
      return sum / (to - from);
    });
  }
}
