/** @file DataInf: inverse and mean swapped, parameter by parameter (Kwon, Wu, Wu, Zou, ICLR 2024, eq. 5). */
import { assert } from '../../base/assert.ts';
import type { RowBlocks } from '../../linalg/gram.ts';
import type { Matrix } from '../../linalg/matrix.ts';
import type { MatrixEngine } from '../../linalg/matrix-engine.ts';
import { columnRange, mixInto, rowOf, rowProducts, setColumns, zerosAs } from '../../linalg/row-algebra.ts';
import { widen } from '../../linalg/rows.ts';
import { dampingFrom, type MultiplyRows, type Regularisation } from './curvature-operator.ts';

/** The columns of one parameter. */
export interface ParameterColumns {
  readonly offset: number;
  readonly count: number;
}

export interface DataInf {
  /** Of the parameter with the most entries, beside which the others have their own. */
  readonly regularisation: Regularisation;
  readonly solve: MultiplyRows;
}

export interface DataInfOptions {
  readonly relativeDamping: number | null;
  readonly weightDecay: number;
  readonly engine: MatrixEngine;
}

/**
 * v ↦ (1/n) Σᵢ (gᵢgᵢᵀ + λI)⁻¹v = (1/nλ) Σᵢ (v − gᵢ⟨gᵢ, v⟩ / (λ + ‖gᵢ‖²)) for each parameter, whose λ is λ_rel · the mean of ‖gᵢ‖² / its entries.
 * `gradients` opens the training samples' gradients [n, p] anew for every pass: one now, one for each call of `solve`.
 */
export async function fitDataInf(
  gradients: () => RowBlocks,
  parameters: readonly ParameterColumns[],
  { relativeDamping, weightDecay, engine }: DataInfOptions,
): Promise<DataInf> {
  const { meanSquares, sampleCount } = await meanSquaredLengths(gradients(), parameters);
  const dampings = parameters.map(({ count }, index) =>
    dampingFrom(meanSquares[index]! / Math.min(count, sampleCount), relativeDamping),
  );
  const shifts = dampings.map(({ absolute }) => absolute + weightDecay);
  const largest = parameters.reduce(
    (best, { count }, index) => (count > parameters[best]!.count ? index : best),
    0,
  );
  const solve: MultiplyRows = async (vectors) => {
    const explained = zerosAs(vectors);
    for await (const rows of gradients()) {
      const block = widen(rows);
      for (const [index, columns] of parameters.entries())
        await explain(explained, block, vectors, columns, shifts[index]!, engine);
    }
    const solution = { ...vectors, data: vectors.data.slice() };
    mixInto(solution.data, explained.data, { factor: -1 / sampleCount });
    for (const [index, { offset, count }] of parameters.entries()) {
      // A parameter that no sample's loss depends on has no curvature; its gradients are zero as well.
      const factor = shifts[index] === 0 ? 0 : 1 / shifts[index]!;
      for (let row = 0; row < solution.rows; row++) {
        const part = rowOf(solution, row).subarray(offset, offset + count);
        mixInto(part, part, { keep: 0, factor });
      }
    }
    return solution;
  };
  return { regularisation: { damping: dampings[largest]!, weightDecay }, solve };
}

async function meanSquaredLengths(
  gradients: RowBlocks,
  parameters: readonly ParameterColumns[],
): Promise<{ readonly meanSquares: number[]; readonly sampleCount: number }> {
  const sums = parameters.map(() => 0);
  let sampleCount = 0;
  for await (const rows of gradients) {
    const block = widen(rows);
    for (const [index, { offset, count }] of parameters.entries()) {
      const part = columnRange(block, offset, count);
      sums[index]! += rowProducts(part, part).reduce((total, value) => total + value, 0);
    }
    sampleCount += block.rows;
  }
  assert(sampleCount > 0, 'curvature needs at least one gradient');
  return { meanSquares: sums.map((sum) => sum / sampleCount), sampleCount };
}

/** explained += Σᵢ gᵢ⟨gᵢ, v⟩ / (λ + ‖gᵢ‖²) over the rows of a block, in the columns of one parameter. */
async function explain(
  explained: Matrix,
  block: Matrix,
  vectors: Matrix,
  { offset, count }: ParameterColumns,
  shift: number,
  engine: MatrixEngine,
): Promise<void> {
  const part = columnRange(block, offset, count);
  const lengths = rowProducts(part, part);
  const along = await engine.multiply(columnRange(vectors, offset, count), part, { transposeB: true });
  for (let row = 0; row < along.rows; row++) {
    const products = rowOf(along, row);
    for (const [sample, length] of lengths.entries())
      products[sample] = length === 0 ? 0 : products[sample]! / (shift + length);
  }
  const sum = columnRange(explained, offset, count);
  mixInto(sum.data, (await engine.multiply(along, part)).data, { factor: 1 });
  setColumns(explained, offset, sum);
}
