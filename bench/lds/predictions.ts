/**
 * @file Predicted subset outputs [subsets, queries] of one member under several dampings and weights; ensembles are means of them. The sum of
 * a subset's scores is formed before the kernel is solved, so that scores of single images never are: Σᵢ∈S A[j, i] = ψⱼᵀ(ΦᵀΦ + λI)⁻¹ Σᵢ∈S wᵢφᵢ.
 */
import { absoluteDamping } from '../../src/core/attribution/preconditioner.ts';
import { factorise, solve } from '../../src/core/linalg/cholesky.ts';
import { gramOf, gramPrecision } from '../../src/core/linalg/gram.ts';
import {
  makeMatrix,
  toFloat64,
  trace,
  transpose,
  type Matrix,
  type Matrix64,
} from '../../src/core/linalg/matrix.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import type { MemberFeatures, MemberProducts } from './members.ts';

/** By name: what each training image's score is multiplied by. */
export type Weightings = Readonly<Record<string, ArrayLike<number>>>;

/** By weighting. */
export type Predicted = Readonly<Record<string, Matrix>>;

export class SubsetPredictor {
  readonly #masks: readonly Uint8Array[];
  readonly #engine: MatrixEngine;

  constructor(masks: readonly Uint8Array[], engine: MatrixEngine) {
    this.#masks = masks;
    this.#engine = engine;
  }

  /** Of scores [q, n] without a kernel. */
  async ofScores(scores: Matrix, weightings: Weightings): Promise<Predicted> {
    const sums = await this.#engine.multiply(this.#weightedMasks(weightings), scores, { transposeB: true });
    return this.#byWeighting(sums, weightings);
  }

  /** Σᵢ∈S wᵢφᵢ, [weightings · subsets, k], one weighting after the other. */
  subsetSums(train: Matrix, weightings: Weightings): Promise<Matrix> {
    return this.#engine.multiply(this.#weightedMasks(weightings), train);
  }

  /** Of inner products of features. */
  async ofProducts({ train, queries }: MemberFeatures, weightings: Weightings): Promise<Predicted> {
    const sums = await this.subsetSums(train, weightings);
    const products = await this.#engine.multiply(sums, queries, { transposeB: true });
    return this.#byWeighting(products, weightings);
  }

  /** With (ΦᵀΦ + λI)⁻¹ between features, for every relative λ of the grid, in its order. */
  async ofFeatures(
    { train, queries }: MemberFeatures,
    grid: readonly number[],
    weightings: Weightings,
  ): Promise<Predicted[]> {
    const { product } = await gramOf([train], this.#engine, gramPrecision(Math.min(...grid)));
    const sums = await this.subsetSums(train, weightings);
    return this.#solved(product, { rows: train.rows, sums, queries }, grid, weightings);
  }

  /** The same without a projection, from inner products of whole gradients, in the dual form: Kq·(K + λI)⁻¹. */
  async ofKernel(
    { train, queries }: MemberProducts,
    grid: readonly number[],
    weightings: Weightings,
  ): Promise<Predicted[]> {
    const sums = this.#weightedMasks(weightings);
    return this.#solved(toFloat64(train), { rows: train.rows, sums, queries }, grid, weightings);
  }

  async #solved(
    kernel: Matrix64,
    { rows, sums, queries }: { readonly rows: number; readonly sums: Matrix; readonly queries: Matrix },
    grid: readonly number[],
    weightings: Weightings,
  ): Promise<Predicted[]> {
    const predicted: Predicted[] = [];
    for (const relative of grid) {
      const { absolute } = absoluteDamping(relative, trace(kernel), rows, kernel.rows);
      const factor = await factorise(kernel, absolute, this.#engine);
      const solved = transpose(await solve(factor, transpose(sums), this.#engine));
      const products = await this.#engine.multiply(solved, queries, { transposeB: true });
      predicted.push(this.#byWeighting(products, weightings));
    }
    return predicted;
  }

  /** [weightings · subsets, n], one weighting after the other. */
  #weightedMasks(weightings: Weightings): Matrix64 {
    const width = this.#masks[0]!.length;
    const each = Object.values(weightings);
    const rows = new Float64Array(each.length * this.#masks.length * width);
    let at = 0;
    for (const weights of each)
      for (const mask of this.#masks)
        for (let index = 0; index < width; index++) rows[at++] = mask[index]! * weights[index]!;
    return makeMatrix(each.length * this.#masks.length, width, rows);
  }

  #byWeighting({ data, columns }: Matrix, weightings: Weightings): Predicted {
    const subsets = this.#masks.length;
    const length = subsets * columns;
    return Object.fromEntries(
      Object.keys(weightings).map((name, index) => [
        name,
        makeMatrix(subsets, columns, Float64Array.from(data.subarray(index * length, (index + 1) * length))),
      ]),
    );
  }
}
