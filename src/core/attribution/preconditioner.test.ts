import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import {
  column,
  makeMatrix,
  rowBlock,
  toFloat64,
  trace,
  transpose,
  zeros64,
  type Matrix64,
} from '../linalg/matrix.ts';
import { factorise, solve } from '../linalg/cholesky.ts';
import { gramOf } from '../linalg/gram.ts';
import { plainMatrixEngine as engine } from '../linalg/matrix-engine.ts';
import { pearson } from '../linalg/ranks.ts';
import {
  absoluteDamping,
  fitDual,
  fitPreconditioner,
  fitPrimal,
  identityPreconditioner,
  type Preconditioner,
} from './preconditioner.ts';
import { scoreQueries, type SampleWeights } from './score-queries.ts';

function randomMatrix(rows: number, columns: number, name: string): Matrix64 {
  const random = new Random(23, name);
  return makeMatrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );
}

/** The whole score matrix of a small problem. */
async function allScores(
  problem: {
    readonly preconditioner: Preconditioner;
    readonly queries: Matrix64;
    readonly train: Matrix64[];
  },
  weights: SampleWeights = null,
): Promise<Matrix64> {
  const { preconditioner, train } = problem;
  const member = { queries: await preconditioner.prepare(problem.queries), train };
  const blocks = [];
  for await (const block of scoreQueries([member], weights)) blocks.push(block);
  const first = blocks[0]!.scores;
  expect(blocks).toHaveLength(1);
  return toFloat64(first);
}

async function ridgeScores(train: Matrix64, queries: Matrix64, relative: number): Promise<Matrix64> {
  const preconditioner = await fitPrimal(await gramOf([train], engine), relative, engine);
  return allScores({ preconditioner, queries, train: [train] });
}

async function dualScores(train: Matrix64, queries: Matrix64, relative: number): Promise<Matrix64> {
  return allScores({ preconditioner: await fitDual(train, relative, engine), queries, train: [train] });
}

function largestDifference(a: Matrix64, b: Matrix64): number {
  return a.data.reduce((worst, value, index) => Math.max(worst, Math.abs(value - b.data[index]!)), 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

/** Coefficients of a ridge regression by the normal equations, solved by Gauss–Jordan: no code shared with the product. */
function ridgeCoefficients(features: Matrix64, targets: Float64Array, damping: number): Float64Array {
  const k = features.columns;
  const rows = Array.from({ length: k }, (_, a) => [
    ...Array.from(
      { length: k },
      (_unused, b) => dot(column(features, a), column(features, b)) + (a === b ? damping : 0),
    ),
    dot(column(features, a), targets),
  ]);
  for (let pivot = 0; pivot < k; pivot++) {
    const pivotRow = rows[pivot]!;
    for (const [index, row] of rows.entries()) {
      if (index === pivot) continue;
      const factor = row[pivot]! / pivotRow[pivot]!;
      for (let place = pivot; place <= k; place++) row[place]! -= factor * pivotRow[place]!;
    }
  }
  return Float64Array.from(rows, (row, index) => row[k]! / row[index]!);
}

describe('METHODS 1: primal = dual', () => {
  it.each([
    [30, 12],
    [12, 30],
  ])('with %i rows of %i features', async (rows, columns) => {
    const train = randomMatrix(rows, columns, 'train');
    const queries = randomMatrix(4, columns, 'queries');
    const primal = await ridgeScores(train, queries, 0.03);
    const dual = await dualScores(train, queries, 0.03);
    expect(largestDifference(primal, dual)).toBeLessThan(1e-10);
  });

  it('also on the diagonal', async () => {
    const train = randomMatrix(12, 30, 'train');
    const primal = await fitPrimal(await gramOf([train], engine), 0.1, engine);
    const dual = await fitPreconditioner([train], 0.1, engine, { rows: 12, columns: 30 });
    const fromDual = await dual.selfScores(rowBlock(train, 3, 5), 3);
    const fromPrimal = await primal.selfScores(rowBlock(train, 3, 5), 3);
    fromDual.forEach((value, index) => expect(value).toBeCloseTo(fromPrimal[index]!, 10));
  });
});

describe('the length of P·φ', () => {
  it.each([
    [30, 12],
    [12, 30],
  ])('is that of the solved row, in every form, with %i rows of %i features', async (rows, columns) => {
    const train = randomMatrix(rows, columns, 'train');
    const primal = await fitPrimal(await gramOf([train], engine), 0.1, engine);
    const { solved } = await primal.prepare(train);
    const expected = Array.from({ length: 5 }, (_, row) => Math.hypot(...rowBlock(solved!, row + 3, 1).data));
    const dual = await fitDual(train, 0.1, engine);
    for (const preconditioner of [primal, dual]) {
      const lengths = await preconditioner.solvedLengths(rowBlock(train, 3, 5), 3);
      lengths.forEach((length, row) => expect(length).toBeCloseTo(expected[row]!, 10));
    }
  });

  it('is that of the row itself under the identity', async () => {
    const lengths = await identityPreconditioner(engine).solvedLengths(
      makeMatrix(1, 2, Float64Array.of(3, 4)),
      0,
    );
    expect([...lengths]).toEqual([5]);
  });
});

describe('METHODS 2: the score matrix is the ridge hat matrix', () => {
  it('scores · y = ridge predictions at the queries', async () => {
    const train = randomMatrix(40, 8, 'train');
    const queries = randomMatrix(5, 8, 'queries');
    const targets = column(randomMatrix(40, 1, 'targets'), 0);
    const relative = 0.2;
    const scores = await ridgeScores(train, queries, relative);
    const gram = await gramOf([train], engine);
    const { absolute } = absoluteDamping(relative, trace(gram.product), 40, 8);
    const coefficients = ridgeCoefficients(train, targets, absolute);
    for (let query = 0; query < 5; query++) {
      const predicted = dot(scores.data.slice(query * 40, (query + 1) * 40), targets);
      expect(
        Math.abs(predicted - dot(queries.data.slice(query * 8, query * 8 + 8), coefficients)),
      ).toBeLessThan(1e-8);
    }
  });
});

describe('METHODS 3: limits of the damping', () => {
  const train = randomMatrix(20, 50, 'train');

  it('λ → ∞ gives Grad-Dot', async () => {
    const queries = randomMatrix(6, 50, 'queries');
    const damped = await ridgeScores(train, queries, 1e7);
    const dots = await allScores({ preconditioner: identityPreconditioner(engine), queries, train: [train] });
    expect(pearson(damped.data, dots.data)).toBeGreaterThan(1 - 1e-10);
  });

  it('λ → 0 with k ≥ n gives the identity', async () => {
    const scores = await dualScores(train, train, 1e-12);
    const identity = zeros64(20, 20);
    for (let index = 0; index < 20; index++) identity.data[index * 21] = 1;
    expect(largestDifference(scores, identity)).toBeLessThan(1e-8);
  });

  it('λ = 0 with k > n has no primal solution, and says what to do', async () => {
    const gram = await gramOf([train], engine);
    await expect(fitPrimal(gram, 0, engine)).rejects.toThrow(/[Rr]aise the relative damping/);
  });
});

describe('METHODS 4: A of c·f under c²λ = A of f under λ', () => {
  it.each([1024, 2 ** -10])('so a relative damping carries over between scalings (c = %d)', async (scale) => {
    const train = randomMatrix(30, 8, 'train');
    const queries = randomMatrix(4, 8, 'queries');
    const scaled = (matrix: Matrix64): Matrix64 => ({
      ...matrix,
      data: matrix.data.map((value) => value * scale),
    });
    const scores = await ridgeScores(train, queries, 0.1);
    // A power of two scales without rounding, so the identity is exact.
    expect((await ridgeScores(scaled(train), scaled(queries), 0.1)).data).toEqual(scores.data);
  });
});

describe('METHODS 5: leave-one-out of a ridge regression in closed form', () => {
  it('score · residual / (1 − leverage) is what retraining without the sample changes', async () => {
    const train = randomMatrix(25, 5, 'train');
    const query = randomMatrix(1, 5, 'query');
    const targets = column(randomMatrix(25, 1, 'targets'), 0);
    const damping = 0.7;
    const relative = (damping * 5) / trace((await gramOf([train], engine)).product);
    const scores = await ridgeScores(train, query, relative);
    const preconditioner = await fitPrimal(await gramOf([train], engine), relative, engine);
    const leverages = await preconditioner.selfScores(train, 0);
    const full = ridgeCoefficients(train, targets, damping);
    for (let left = 0; left < 25; left++) {
      const kept = Array.from({ length: 25 }, (_, index) => index).filter((index) => index !== left);
      const without = makeMatrix(
        24,
        5,
        Float64Array.from(kept.flatMap((index) => [...rowBlock(train, index, 1).data])),
      );
      const retrained = ridgeCoefficients(
        without,
        Float64Array.from(kept, (index) => targets[index]!),
        damping,
      );
      const exact = dot(query.data, full) - dot(query.data, retrained);
      const residual = targets[left]! - dot(train.data.slice(left * 5, left * 5 + 5), full);
      expect(Math.abs((scores.data[left]! * residual) / (1 - leverages[left]!) - exact)).toBeLessThan(1e-12);
    }
  });
});

describe('METHODS 6: removing a group from a ridge regression in closed form', () => {
  it('Δθ = −H⁻¹ X_Sᵀ (I − X_S H⁻¹ X_Sᵀ)⁻¹ e_S is what retraining without the group changes', async () => {
    const train = randomMatrix(25, 5, 'train');
    const query = randomMatrix(1, 5, 'query');
    const targets = column(randomMatrix(25, 1, 'targets'), 0);
    const damping = 0.7;
    const relative = (damping * 5) / trace((await gramOf([train], engine)).product);
    const group = rowBlock(train, 4, 6);
    const full = ridgeCoefficients(train, targets, damping);
    const scores = await ridgeScores(train, query, relative);
    const within = await ridgeScores(train, group, relative);
    // I − X_S H⁻¹ X_Sᵀ and e_S, from the columns of the group.
    const open = zeros64(6, 6);
    const residuals = zeros64(6, 1);
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < 6; b++) open.data[a * 6 + b] = (a === b ? 1 : 0) - within.data[a * 25 + 4 + b]!;
      residuals.data[a] = targets[4 + a]! - dot(group.data.slice(a * 5, a * 5 + 5), full);
    }
    const solved = await solve(await factorise(open, 0, engine), residuals, engine);
    const predicted = -dot(scores.data.slice(4, 10), solved.data);
    const kept = Array.from({ length: 25 }, (_, index) => index).filter((index) => index < 4 || index >= 10);
    const without = makeMatrix(
      19,
      5,
      Float64Array.from(kept.flatMap((index) => [...rowBlock(train, index, 1).data])),
    );
    const retrained = ridgeCoefficients(
      without,
      Float64Array.from(kept, (index) => targets[index]!),
      damping,
    );
    expect(Math.abs(predicted - (dot(query.data, retrained) - dot(query.data, full)))).toBeLessThan(1e-12);
  });
});

describe('METHODS 7: Newton leave-one-out of a logistic regression', () => {
  const rows = 50;
  const columns = 6;
  const features = randomMatrix(rows, columns, 'features');
  const truth = column(randomMatrix(columns, 1, 'truth'), 0);
  const noise = new Random(9, 'labels');
  const labels = Float64Array.from({ length: rows }, (_, index) => {
    const logit = dot(features.data.slice(index * columns, (index + 1) * columns), truth);
    return noise.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  // A slight ridge keeps a separable draw finite; it stands in the Hessian as it must.
  const ridge = 0.05;

  /** p_i, and θ at the optimum over the kept rows. */
  async function fitLogistic(
    kept: readonly number[],
  ): Promise<{ theta: Float64Array; probabilities: Float64Array }> {
    let theta: Float64Array = new Float64Array(columns);
    const rowsOf = (index: number): Float64Array =>
      features.data.slice(index * columns, (index + 1) * columns);
    for (let step = 0; step < 40; step++) {
      const hessian = zeros64(columns, columns);
      const gradient = zeros64(columns, 1);
      for (const index of kept) {
        const x = rowsOf(index);
        const p = 1 / (1 + Math.exp(-dot(x, theta)));
        for (let a = 0; a < columns; a++) {
          gradient.data[a]! += (labels[index]! - p) * x[a]!;
          for (let b = 0; b < columns; b++) hessian.data[a * columns + b]! += p * (1 - p) * x[a]! * x[b]!;
        }
      }
      for (let a = 0; a < columns; a++) gradient.data[a]! -= ridge * theta[a]!;
      const change = await solve(await factorise(hessian, ridge, engine), gradient, engine);
      theta = theta.map((value, a) => value + change.data[a]!);
    }
    const probabilities = Float64Array.from(
      { length: rows },
      (_, i) => 1 / (1 + Math.exp(-dot(rowsOf(i), theta))),
    );
    return { theta, probabilities };
  }

  it('φ_qᵀ(ΦᵀRΦ)⁻¹φ_i (1 − p_i)/(1 − h_i) correlates above 0.99 with retraining', async () => {
    const everyone = Array.from({ length: rows }, (_, index) => index);
    const { theta, probabilities } = await fitLogistic(everyone);
    const query = randomMatrix(1, columns, 'query');
    // Margin features: φ_i = y_i x_i with y = ±1; whitened by R = p(1 − p) through scaled rows.
    const scaled = makeMatrix(
      rows,
      columns,
      features.data.map((value, at) => {
        const p = probabilities[Math.floor(at / columns)]!;
        return value * Math.sqrt(p * (1 - p));
      }),
    );
    const gram = await gramOf([scaled], engine);
    const relative = (ridge * columns) / trace(gram.product);
    const preconditioner = await fitPrimal(gram, relative, engine);
    const leverages = await preconditioner.selfScores(scaled, 0);
    const scores = await allScores({ preconditioner, queries: query, train: [features] });
    const predicted: number[] = [];
    const retrained: number[] = [];
    for (const left of everyone) {
      const residual = labels[left]! - probabilities[left]!;
      predicted.push((scores.data[left]! * residual) / (1 - leverages[left]!));
      const without = await fitLogistic(everyone.filter((index) => index !== left));
      retrained.push(dot(query.data, theta) - dot(query.data, without.theta));
    }
    expect(pearson(predicted, retrained)).toBeGreaterThan(0.99);
  });
});

describe('METHODS 8: TRAK on a binary linear model', () => {
  it('is y_q x_qᵀ(XᵀX)⁻¹x_i y_i (1 − p_i)', async () => {
    const rows = 30;
    const inputs = randomMatrix(rows, 4, 'inputs');
    const random = new Random(4, 'signs');
    const signs = Float64Array.from({ length: rows }, () => random.sign());
    const theta = column(randomMatrix(4, 1, 'theta'), 0);
    const inputOf = (index: number): Float64Array => inputs.data.slice(index * 4, index * 4 + 4);
    const residuals = Float64Array.from(
      { length: rows },
      (_, i) => 1 / (1 + Math.exp(signs[i]! * dot(inputOf(i), theta))),
    );
    const features = makeMatrix(
      rows,
      4,
      inputs.data.map((value, at) => value * signs[Math.floor(at / 4)]!),
    );
    const queries = rowBlock(features, 0, 3);
    const preconditioner = await fitPrimal(await gramOf([features], engine), 0, engine);
    const scores = await allScores({ preconditioner, queries, train: [features] }, residuals);
    const inputGram = toFloat64(await engine.multiply(transpose(inputs), inputs));
    for (let query = 0; query < 3; query++) {
      // XᵀX is square, so the least-squares fit to x_q is (XᵀX)⁻¹x_q itself.
      const solved = ridgeCoefficients(inputGram, inputOf(query), 0);
      for (let index = 0; index < rows; index++) {
        const expected = signs[query]! * dot(solved, inputOf(index)) * signs[index]! * residuals[index]!;
        expect(Math.abs(scores.data[query * rows + index]! - expected)).toBeLessThan(1e-6);
      }
    }
  });
});
