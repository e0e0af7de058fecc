import { describe, expect, it } from 'vitest';
import { solveRows } from '../../../../testing/softmax-regression.ts';
import { tolerances } from '../../../../testing/tolerances.ts';
import { Random } from '../../base/random.ts';
import { plainMatrixEngine } from '../../linalg/matrix-engine.ts';
import { makeMatrix, zeros64, type Matrix, type Matrix64 } from '../../linalg/matrix.ts';
import { kroneckerBlock, kroneckerInverse, type CurvatureBlock } from './kronecker.ts';

const engine = plainMatrixEngine;
const [ROWS, COLUMNS] = [3, 5];
const SIZE = ROWS * COLUMNS;
const settings = { relativeDamping: 0.3, weightDecay: 0.02 };

function drawNormal(rows: number, columns: number, name: string): Matrix64 {
  const random = new Random(6, name);
  return makeMatrix(
    rows,
    columns,
    new Float64Array(rows * columns).map(() => random.normal()),
  );
}

async function covarianceOf(rows: Matrix64): Promise<Matrix64> {
  const sum = (await engine.multiply(rows, rows, { transposeA: true })) as Matrix64;
  return { ...sum, data: sum.data.map((value) => value / rows.rows) };
}

/** S ⊗ A. */
function kroneckerProduct(left: Matrix64, right: Matrix64): Matrix64 {
  const product = zeros64(SIZE, SIZE);
  for (let row = 0; row < SIZE; row++) {
    for (let column = 0; column < SIZE; column++) {
      const a = left.data[Math.floor(row / COLUMNS) * ROWS + Math.floor(column / COLUMNS)]!;
      product.data[row * SIZE + column] = a * right.data[(row % COLUMNS) * COLUMNS + (column % COLUMNS)]!;
    }
  }
  return product;
}

function relativeDistance(a: Matrix, b: Matrix): number {
  return Math.hypot(...a.data.map((value, i) => value - b.data[i]!)) / Math.hypot(...b.data);
}

const factors = {
  left: await covarianceOf(drawNormal(40, ROWS, 'left')),
  right: await covarianceOf(drawNormal(40, COLUMNS, 'right')),
};
const vectors = drawNormal(4, SIZE, 'vectors');

describe('Kronecker-factored curvature', () => {
  it('inverts S ⊗ A + (λ + decay)I as if it were written out', async () => {
    const { solve, regularisation } = kroneckerInverse([kroneckerBlock(0, factors)], settings, engine);
    const written = kroneckerProduct(factors.left, factors.right);
    const mean = written.data.reduce((sum, value, i) => (i % (SIZE + 1) === 0 ? sum + value : sum), 0) / SIZE;
    expect(regularisation.damping.absolute).toBeCloseTo(0.3 * mean, 12);
    const expected = await solveRows(written, 0.3 * mean + 0.02, vectors);
    expect(relativeDistance(await solve(vectors), expected)).toBeLessThan(tolerances.float64ThroughNetwork);
  });

  it('is exact, but for sampling, for a linear layer with Gaussian noise: δ does not depend on a', async () => {
    const errorOf = async (samples: number): Promise<number> => {
      const [deltas, inputs] = [drawNormal(samples, ROWS, 'δ'), drawNormal(samples, COLUMNS, 'a')];
      const gradients = zeros64(samples, SIZE);
      for (let index = 0; index < gradients.data.length; index++) {
        const [sample, entry] = [Math.floor(index / SIZE), index % SIZE];
        gradients.data[index] =
          deltas.data[sample * ROWS + Math.floor(entry / COLUMNS)]! *
          inputs.data[sample * COLUMNS + (entry % COLUMNS)]!;
      }
      const own = { left: await covarianceOf(deltas), right: await covarianceOf(inputs) };
      const { solve, regularisation } = kroneckerInverse([kroneckerBlock(0, own)], settings, engine);
      const fisher = await covarianceOf(gradients);
      const expected = await solveRows(fisher, regularisation.damping.absolute + 0.02, vectors);
      return relativeDistance(await solve(vectors), expected);
    };
    // Entries of the Fisher matrix scatter by 1/√samples.
    const [few, many] = [await errorOf(500), await errorOf(50_000)];
    expect(many).toBeLessThan(3 * Math.sqrt(SIZE / 50_000));
    expect(many).toBeLessThan(0.25 * few);
  });

  it('with eigenvalues of its own equals itself where those are the products, and differs where they are not', async () => {
    const block = kroneckerBlock(0, factors);
    const plain = await kroneckerInverse([block], settings, engine).solve(vectors);
    // Qᵀ(S ⊗ A)Q for the basis Q: what would be measured if gradients had exactly this Fisher matrix.
    const basis = kroneckerProduct(block.basis!.left, block.basis!.right);
    const turned = await engine.multiply(basis, kroneckerProduct(factors.left, factors.right));
    const measured = await engine.multiply(turned, basis, { transposeB: true });
    const eigenvalues = new Float64Array(SIZE).map((_, index) => measured.data[index * (SIZE + 1)]!);
    const corrected = await kroneckerInverse([{ ...block, eigenvalues }], settings, engine).solve(vectors);
    expect(relativeDistance(corrected, plain)).toBeLessThan(tolerances.float64ThroughNetwork);
    const others = { ...block, eigenvalues: eigenvalues.map((value, index) => value * (1 + (index % 2))) };
    const different = await kroneckerInverse([others], settings, engine).solve(vectors);
    expect(relativeDistance(different, plain)).toBeGreaterThan(0.05);
  });

  it('treats blocks by themselves, in float32 as in float64, and a block without a basis by its diagonal', async () => {
    const diagonal: CurvatureBlock = {
      offset: SIZE,
      rows: 1,
      columns: 2,
      basis: null,
      eigenvalues: Float64Array.of(1, 3),
    };
    const both = drawNormal(4, SIZE + 2, 'both');
    const { solve } = kroneckerInverse([kroneckerBlock(0, factors), diagonal], settings, engine);
    const found = await solve(both);
    const alone = await kroneckerInverse([kroneckerBlock(0, factors)], settings, engine).solve(
      makeMatrix(1, SIZE, both.data.slice(0, SIZE)),
    );
    expect([...found.data.subarray(0, SIZE)]).toEqual([...alone.data]);
    // λ is 0.3 times the mean of 1 and 3.
    expect(found.data[SIZE]).toBeCloseTo(both.data[SIZE]! / (1 + 0.6 + 0.02), 12);
    expect(found.data[SIZE + 1]).toBeCloseTo(both.data[SIZE + 1]! / (3 + 0.6 + 0.02), 12);
    const narrow = await solve({ ...both, data: Float32Array.from(both.data) });
    expect(narrow.data).toBeInstanceOf(Float32Array);
    expect(relativeDistance(narrow, found)).toBeLessThan(tolerances.float32Compiled);
  });
});
