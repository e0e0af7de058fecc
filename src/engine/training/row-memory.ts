/** @file Normalised images kept in memory while they are dealt again and again, so that an epoch copies them instead of making them. */
const MEMORY_BYTES = 128 * 2 ** 20;

export class RowMemory {
  readonly #length: number;
  readonly #values: Float32Array;
  readonly #isKept: Uint8Array;

  private constructor(rowCount: number, length: number) {
    this.#length = length;
    this.#values = new Float32Array(rowCount * length);
    this.#isKept = new Uint8Array(rowCount);
  }

  /** Room for so many rows of so many numbers; null where that is too much. */
  static fitting(rowCount: number, length: number): RowMemory | null {
    return rowCount * length * 4 <= MEMORY_BYTES ? new RowMemory(rowCount, length) : null;
  }

  /** Copies a row that is kept to `target` at `offset`; false where it is not. */
  take(row: number, target: Float32Array, offset: number): boolean {
    if (this.#isKept[row] === 0) return false;
    target.set(this.#values.subarray(row * this.#length, (row + 1) * this.#length), offset);
    return true;
  }

  keep(row: number, values: Float32Array): void {
    this.#values.set(values, row * this.#length);
    this.#isKept[row] = 1;
  }
}
