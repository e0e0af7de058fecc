/** @file Predicted subset outputs, summed up while the blocks of a score matrix pass: the matrix itself is never held. */
import { makeMatrix, zeros64, type Matrix, type Matrix64 } from '../linalg/matrix.ts';
import type { MatrixEngine } from '../linalg/matrix-engine.ts';

/** Masks that are wide numbers at once, so that many subsets of many images fit in memory. */
const SUBSETS_AT_ONCE = 256;

export class SubsetSums {
  /** ŷ[m, j] = Σ_{i ∈ S_m} A[j, i] over the blocks added so far, [subsets, queries]. */
  readonly sums: Matrix64;
  readonly #masks: readonly Uint8Array[];
  readonly #engine: MatrixEngine;

  /** `masks`: 1 where a training image is in the subset. */
  constructor(masks: readonly Uint8Array[], queryCount: number, engine: MatrixEngine) {
    this.sums = zeros64(masks.length, queryCount);
    this.#masks = masks;
    this.#engine = engine;
  }

  /** `scores` [some queries, some training images], positive helps; its corner stands at these places of the whole matrix. */
  async add(scores: Matrix, corner: { readonly query: number; readonly image: number }): Promise<void> {
    for (let from = 0; from < this.#masks.length; from += SUBSETS_AT_ONCE) {
      const masks = this.#masks.slice(from, from + SUBSETS_AT_ONCE);
      const stacked = new Float64Array(masks.length * scores.columns);
      for (const [subset, mask] of masks.entries())
        stacked.set(mask.subarray(corner.image, corner.image + scores.columns), subset * scores.columns);
      const members = makeMatrix(masks.length, scores.columns, stacked);
      const part = await this.#engine.multiply(members, scores, { transposeB: true });
      this.#addPart(part, from, corner.query);
    }
  }

  #addPart(part: Matrix, firstSubset: number, firstQuery: number): void {
    for (let subset = 0; subset < part.rows; subset++) {
      const target = (firstSubset + subset) * this.sums.columns + firstQuery;
      for (let query = 0; query < part.columns; query++)
        this.sums.data[target + query]! += part.data[subset * part.columns + query]!;
    }
  }
}
