/** @file Points sorted into squares, so that the one under the pointer is found without looking at all of them. */

/** Points to a square, on average. */
const POINTS_PER_CELL = 4;

export class PointGrid {
  readonly #positions: Float32Array;
  readonly #side: number;
  readonly #left: number;
  readonly #top: number;
  readonly #cellSize: number;
  /** Where each cell begins in `#points`, and one past the last. */
  readonly #starts: Int32Array;
  readonly #points: Int32Array;

  /** `positions`: x, y of each. */
  constructor(positions: Float32Array) {
    this.#positions = positions;
    const count = positions.length / 2;
    let [left, right, top, bottom] = [0, 0, 0, 0];
    for (let point = 0; point < count; point++) {
      const [x, y] = [positions[2 * point]!, positions[2 * point + 1]!];
      if (point === 0) [left, right, top, bottom] = [x, x, y, y];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
    this.#side = Math.max(1, Math.ceil(Math.sqrt(count / POINTS_PER_CELL)));
    this.#left = left;
    this.#top = top;
    this.#cellSize = Math.max(right - left, bottom - top) / this.#side || 1;
    this.#starts = new Int32Array(this.#side ** 2 + 1);
    this.#points = new Int32Array(count);
    this.#sort(count);
  }

  /** The nearest point within `reach` for which `may` holds; null where there is none. */
  nearest(x: number, y: number, reach: number, may: (point: number) => boolean): number | null {
    const [fromColumn, toColumn] = [this.#place(x - reach - this.#left), this.#place(x + reach - this.#left)];
    const [fromRow, toRow] = [this.#place(y - reach - this.#top), this.#place(y + reach - this.#top)];
    let best: number | null = null;
    let least = reach ** 2;
    for (let row = fromRow; row <= toRow; row++)
      for (let cell = row * this.#side + fromColumn; cell <= row * this.#side + toColumn; cell++)
        for (let at = this.#starts[cell]!; at < this.#starts[cell + 1]!; at++) {
          const point = this.#points[at]!;
          const square = (this.#positions[2 * point]! - x) ** 2 + (this.#positions[2 * point + 1]! - y) ** 2;
          if (square > least || (square === least && best !== null) || !may(point)) continue;
          [best, least] = [point, square];
        }
    return best;
  }

  #sort(count: number): void {
    const cells = Int32Array.from({ length: count }, (_, point) => {
      const column = this.#place(this.#positions[2 * point]! - this.#left);
      return this.#place(this.#positions[2 * point + 1]! - this.#top) * this.#side + column;
    });
    for (const cell of cells) this.#starts[cell + 1]!++;
    for (let cell = 0; cell < this.#side ** 2; cell++) this.#starts[cell + 1]! += this.#starts[cell]!;
    const next = this.#starts.slice();
    for (const [point, cell] of cells.entries()) this.#points[next[cell]!++] = point;
  }

  /** Row or column at this distance from the edge. */
  #place(distance: number): number {
    return Math.min(this.#side - 1, Math.max(0, Math.floor(distance / this.#cellSize)));
  }
}
