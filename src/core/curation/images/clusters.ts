/** @file What belongs together, directly or through others: union-find (Tarjan, "Efficiency of a good but not linear set union algorithm", 1975). */

export class Clusters {
  readonly #parents: Int32Array;
  readonly #sizes: Int32Array;

  /** `count` items, each alone. */
  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, item) => item);
    this.#sizes = new Int32Array(count).fill(1);
  }

  join(first: number, second: number): void {
    let [large, small] = [this.rootOf(first), this.rootOf(second)];
    if (large === small) return;
    if (this.#sizes[large]! < this.#sizes[small]!) [large, small] = [small, large];
    this.#parents[small] = large;
    this.#sizes[large]! += this.#sizes[small]!;
  }

  /** The same for all items of a cluster. */
  rootOf(item: number): number {
    let at = item;
    while (this.#parents[at] !== at) {
      // Every other item on the way is moved up, so that the way is short next time.
      this.#parents[at] = this.#parents[this.#parents[at]!]!;
      at = this.#parents[at]!;
    }
    return at;
  }

  /** The clusters of two and more, items in rising order, clusters by their first item. */
  several(): number[][] {
    const members = new Map<number, number[]>();
    for (let item = 0; item < this.#parents.length; item++) {
      const root = this.rootOf(item);
      if (this.#sizes[root]! < 2) continue;
      const list = members.get(root);
      if (list === undefined) members.set(root, [item]);
      else list.push(item);
    }
    return [...members.values()];
  }
}
