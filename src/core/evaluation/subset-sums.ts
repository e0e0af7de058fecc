/** @file Predicted subset outputs, summed up while the blocks of a score matrix pass: the matrix itself is never held. */
import { makeMatrix, zeros64, type Matrix, type Matrix64 } from '../linalg/matrix.ts';
import type { MatrixEngine } from '../linalg/matrix-engine.ts';

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
    const { rows, columns } = scores;
    const stacked = new Float64Array(this.#masks.length * columns);
    for (const [subset, mask] of this.#masks.entries())
      stacked.set(mask.subarray(corner.image, corner.image + columns), subset * columns);
    const members = makeMatrix(this.#masks.length, columns, stacked);
    const part = await this.#engine.multiply(members, scores, { transposeB: true });
    for (let subset = 0; subset < this.#masks.length; subset++) {
      const target = subset * this.sums.columns + corner.query;
      for (let query = 0; query < rows; query++)
        this.sums.data[target + query]! += part.data[subset * rows + query]!;
    }
  }
}
