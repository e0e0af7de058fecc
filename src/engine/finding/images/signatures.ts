/** @file Brightness of many images over 32 × 32, and how well two of them agree. */
import { HASHED_SIZE } from '../../../core/curation/images/perceptual-hash.ts';

export class Signatures {
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #size: number;
  /** Mean and length of the deviations from it, two numbers per image. */
  readonly #moments: Float64Array;

  /** `bytes` [count, size]. */
  constructor(bytes: Uint8Array, size: number) {
    this.#bytes = bytes;
    this.#size = size;
    this.count = bytes.length / size;
    this.#moments = new Float64Array(2 * this.count);
    for (let place = 0; place < this.count; place++) {
      const values = this.of(place);
      let sum = 0;
      let squares = 0;
      for (const value of values) {
        sum += value;
        squares += value * value;
      }
      this.#moments[2 * place] = sum / size;
      this.#moments[2 * place + 1] = Math.sqrt(Math.max(0, squares - (sum * sum) / size));
    }
  }

  /** [32, 32] */
  of(place: number): Uint8Array {
    return this.#bytes.subarray(place * this.#size, (place + 1) * this.#size);
  }

  /** Pearson correlation of two images, the second one mirrored where wanted; 0 where one has no contrast. */
  correlation(first: number, second: number, isMirrored: boolean): number {
    const [a, b] = [this.of(first), this.of(second)];
    let products = 0;
    if (isMirrored)
      for (let row = 0; row < this.#size; row += HASHED_SIZE)
        for (let column = 0; column < HASHED_SIZE; column++)
          products += a[row + column]! * b[row + HASHED_SIZE - 1 - column]!;
    else for (let at = 0; at < this.#size; at++) products += a[at]! * b[at]!;
    const means = this.#moments[2 * first]! * this.#moments[2 * second]! * this.#size;
    const lengths = this.#moments[2 * first + 1]! * this.#moments[2 * second + 1]!;
    return lengths === 0 ? 0 : (products - means) / lengths;
  }
}
