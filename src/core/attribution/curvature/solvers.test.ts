import { describe, expect, it } from 'vitest';
import {
  curvatureOf,
  drawRegression,
  fitRegression,
  gradientsOf,
  probabilitiesAt,
  solveRows,
} from '../../../../testing/softmax-regression.ts';
import { tolerances } from '../../../../testing/tolerances.ts';
import { Random } from '../../base/random.ts';
import { plainMatrixEngine } from '../../linalg/matrix-engine.ts';
import { makeMatrix, rowBlock, trace, zeros64, type Matrix, type Matrix64 } from '../../linalg/matrix.ts';
import { inverseOnLeading, leadingEigenpairs } from './arnoldi.ts';
import { conjugateGradients } from './conjugate-gradients.ts';
import { curvaturePreconditioner } from './curvature-preconditioner.ts';
import { dampingOf, largestEigenvalue, type CurvatureOperator } from './curvature-operator.ts';
import { fitDataInf } from './datainf.ts';
import { lissa } from './lissa.ts';

const engine = plainMatrixEngine;
const regression = drawRegression(60, 8, 3);
const decay = 0.01;
const parameters = await fitRegression(regression, { decay });
const curvature = await curvatureOf(regression, parameters);
const gradients = gradientsOf(regression, parameters);
const queries = rowBlock(gradients, 3, 5);
const shift = 0.05;
const expected = await solveRows(curvature, shift, queries);

function operatorOf(matrix: Matrix64): CurvatureOperator {
  return {
    size: matrix.rows,
    largestRank: matrix.rows,
    multiply: (vectors) => engine.multiply(vectors, matrix),
  };
}
const operator = operatorOf(curvature);

/** ‖found − expected‖ / ‖expected‖, the largest of the rows. */
function relativeError(found: Matrix, wanted: Matrix): number {
  const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
  return Math.max(
    ...Array.from({ length: wanted.rows }, (_, row) => {
      const [a, b] = [rowBlock(found, row, 1).data, rowBlock(wanted, row, 1).data];
      return norm(Array.from(b, (value, index) => a[index]! - value)) / norm(b);
    }),
  );
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [sum(a) / a.length, sum(b) / b.length];
  const along = a.map((value, index) => (value - meanA) * (b[index]! - meanB));
  const spread = (values: readonly number[], mean: number) => sum(values.map((value) => (value - mean) ** 2));
  return sum(along) / Math.sqrt(spread(a, meanA) * spread(b, meanB));
}

describe('conjugate gradients', () => {
  it('solve what Cholesky solves, each right-hand side to the tolerance that they report', async () => {
    const found = await conjugateGradients(operator.multiply, queries, {
      shift,
      iterations: 200,
      tolerance: 1e-6,
      engine,
    });
    expect(relativeError(found.solution, expected)).toBeLessThan(tolerances.conjugateGradients);
    expect(Math.max(...found.residuals)).toBeLessThan(1e-6);
    // Five directions a step: 16 directions have curvature, and what is left is a multiple of the identity.
    expect(found.iterations).toBeLessThan(8);
    const product = await operator.multiply(found.solution);
    const rest = product.data.map((value, i) => queries.data[i]! - value - shift * found.solution.data[i]!);
    const reached = Math.hypot(...rest.subarray(0, 24)) / Math.hypot(...queries.data.subarray(0, 24));
    expect(reached).toBeCloseTo(found.residuals[0]!, 10);
  });

  it('do not care how the training samples were cut into batches', async () => {
    // H is a mean over samples: products with its parts add up before a step is made, not solutions after it.
    const halves = [0, 30].map((from) => ({
      ...drawRegression(60, 8, 3),
      inputs: rowBlock<Float64Array>(regression.inputs, from, 30),
      labels: regression.labels.slice(from, from + 30),
    }));
    const parts = await Promise.all(halves.map((half) => curvatureOf(half, parameters)));
    const inBatches = async (vectors: Matrix): Promise<Matrix> => {
      const products = await Promise.all(parts.map((part) => engine.multiply(vectors, part)));
      return makeMatrix(
        vectors.rows,
        vectors.columns,
        products[0]!.data.map((value, index) => (value + products[1]!.data[index]!) / 2),
      );
    };
    const options = { shift, iterations: 50, tolerance: 1e-9, engine };
    const [one, two] = [
      await conjugateGradients(operator.multiply, queries, options),
      await conjugateGradients(inBatches, queries, options),
    ];
    expect(relativeError(two.solution, one.solution)).toBeLessThan(tolerances.batchesOfCurvature);
  });

  it('solve right-hand sides that depend on each other, zeros among them, and one alone', async () => {
    const options = { shift, iterations: 50, tolerance: 1e-8, engine };
    const rows = zeros64(4, 24);
    rows.data.set(queries.data.subarray(0, 24));
    rows.data.set(queries.data.subarray(24, 48), 24);
    rows.data.set(
      queries.data.subarray(0, 24).map((value) => 2 * value),
      72,
    );
    const { solution, residuals } = await conjugateGradients(operator.multiply, rows, options);
    const scaled = expected.data.subarray(0, 24).map((value) => 2 * value);
    expect(relativeError(rowBlock(solution, 0, 2), rowBlock(expected, 0, 2))).toBeLessThan(1e-6);
    expect(relativeError(rowBlock(solution, 3, 1), makeMatrix(1, 24, scaled))).toBeLessThan(1e-6);
    expect(Math.hypot(...rowBlock(solution, 2, 1).data)).toBeLessThan(1e-12);
    expect(residuals[2]).toBe(0);
    const alone = await conjugateGradients(operator.multiply, rowBlock(queries, 0, 1), options);
    expect(relativeError(alone.solution, rowBlock(expected, 0, 1))).toBeLessThan(1e-6);
  });

  it('end after the steps that they were given, and say how far they came', async () => {
    const options = { shift: 1e-3, iterations: 2, tolerance: 1e-9, engine };
    const { iterations, residuals } = await conjugateGradients(operator.multiply, queries, options);
    expect(iterations).toBe(2);
    expect(Math.min(...residuals)).toBeGreaterThan(1e-9);
  });
});

describe('LiSSA', () => {
  it('comes to what Cholesky solves, and diverges loudly below the largest eigenvalue', async () => {
    const largest = await largestEigenvalue(operator, new Random(1, 'power'), 100);
    const found = await lissa(() => operator.multiply, queries, {
      shift,
      depth: 300,
      scale: 1.1 * (largest + shift),
    });
    expect(relativeError(found, expected)).toBeLessThan(tolerances.lissa);
    const tooSmall = lissa(() => operator.multiply, queries, { shift, depth: 300, scale: 0.4 * largest });
    await expect(tooSmall).rejects.toMatchObject({ code: 'curvature-diverged' });
  });
});

describe('Arnoldi', () => {
  it('is the inverse once its space is the whole of it, and its leading values are those of H', async () => {
    const pairs = await leadingEigenpairs(operator, {
      iterations: 24,
      random: new Random(1, 'start'),
      engine,
      precision: 'float64',
    });
    // Softmax regression does not change where all classes move alike: 8 of the 24 directions have no curvature.
    expect(pairs.values.length).toBe(16);
    expect(sum([...pairs.values])).toBeCloseTo(trace(curvature), 10);
    const found = await inverseOnLeading(pairs, shift, engine)(queries);
    expect(relativeError(found, expected)).toBeLessThan(tolerances.conjugateGradients);
  });
});

describe('DataInf', () => {
  const options = { relativeDamping: 0.5, weightDecay: 0, engine };

  it('is exact for one sample', async () => {
    const one = rowBlock(gradients, 7, 1);
    const { solve, regularisation } = await fitDataInf(() => [one], [{ offset: 0, count: 24 }], options);
    const outer = (await engine.multiply(one, one, { transposeA: true })) as Matrix64;
    const exact = await solveRows(outer, regularisation.damping.absolute, queries);
    expect(relativeError(await solve(queries), exact)).toBeLessThan(tolerances.dataInfOfOneSample);
  });

  it('is the mean of the inverses of each sample, parameter by parameter, in blocks of any size', async () => {
    const columns = [
      { offset: 0, count: 8 },
      { offset: 8, count: 16 },
    ];
    const blocks = [rowBlock(gradients, 0, 13), rowBlock(gradients, 13, 47)];
    const { solve } = await fitDataInf(() => blocks, columns, options);
    const found = await solve(queries);
    const mean = zeros64(queries.rows, 24);
    for (const { offset, count } of columns) {
      const part = (matrix: Matrix64) =>
        makeMatrix(
          matrix.rows,
          count,
          Float64Array.from({ length: matrix.rows * count }, (_, index) => {
            const [row, column] = [Math.floor(index / count), index % count];
            return matrix.data[row * 24 + offset + column]!;
          }),
        );
      const own = part(gradients);
      const meanSquare = own.data.reduce((total, value) => total + value * value, 0) / 60;
      for (let sample = 0; sample < 60; sample++) {
        const one = rowBlock(own, sample, 1);
        const outer = (await engine.multiply(one, one, { transposeA: true })) as Matrix64;
        const each = await solveRows(outer, (0.5 * meanSquare) / count, part(queries));
        each.data.forEach((value, index) => {
          const [row, column] = [Math.floor(index / count), index % count];
          mean.data[row * 24 + offset + column]! += value / 60;
        });
      }
    }
    expect(relativeError(found, mean)).toBeLessThan(tolerances.dataInfOfOneSample);
  });
});

describe('influence with the curvature', () => {
  const preconditionerWith = (absolute: number) =>
    curvaturePreconditioner({
      damping: { relative: 1, absolute },
      sampleCount: 60,
      solve: (rows) => solveRows(curvature, absolute, rows as Matrix64),
      rowsAtOnce: 2,
      engine,
    });

  it('is what leaving a sample out does to the loss of a query', async () => {
    const [count, features] = [200, 4];
    const drawn = drawRegression(count + 3, features, 3, 2);
    const part = (from: number, rows: number) => ({
      ...drawn,
      inputs: rowBlock<Float64Array>(drawn.inputs, from, rows),
      labels: drawn.labels.slice(from, from + rows),
    });
    const [train, query] = [part(0, count), part(count, 3)];
    const fitted = await fitRegression(train, { decay });
    const preconditioner = curvaturePreconditioner({
      damping: { relative: 0, absolute: 0 },
      sampleCount: count,
      solve: async (rows) => solveRows(await curvatureOf(train, fitted), decay, rows as Matrix64),
      rowsAtOnce: 8,
      engine,
    });
    const left = Array.from({ length: 40 }, (_, index) => index * 5);
    const prepared = await preconditioner.prepare(gradientsOf(query, fitted));
    const predicted = await prepared.scores(gradientsOf(train, fitted), 0);
    const lossesOf = (values: Float64Array) =>
      query.labels.map((label, row) => -Math.log(probabilitiesAt(query, values, row)[label]!));
    const before = lossesOf(fitted);
    const after: number[][] = [];
    for (const without of left)
      after.push(lossesOf(await fitRegression(train, { decay, without, from: fitted })));
    for (const [row, loss] of before.entries()) {
      const own = left.map((sample) => predicted.data[row * count + sample]!);
      const measured = after.map((losses) => losses[row]! - loss);
      expect(correlation(own, measured)).toBeGreaterThan(0.99);
      const slope =
        sum(own.map((value, index) => value * measured[index]!)) / sum(own.map((value) => value ** 2));
      expect(slope).toBeGreaterThan(0.9);
      expect(slope).toBeLessThan(1.3);
    }
  });

  it('tends to the plain product of gradients as λ grows', async () => {
    const absolute = 1e9;
    const prepared = await preconditionerWith(absolute).prepare(queries);
    const found = await prepared.scores(gradients, 0);
    const plain = await engine.multiply(queries, gradients, { transposeB: true });
    const scaled = { ...found, data: found.data.map((value) => value * absolute * 60) };
    expect(relativeError(scaled, plain)).toBeLessThan(1e-8);
  });

  it('has self-scores and lengths that agree with the scores, however many rows are solved at once', async () => {
    const preconditioner = preconditionerWith(shift);
    const prepared = await preconditioner.prepare(queries);
    const all = await prepared.scores(queries, 0);
    const own = await preconditioner.selfScores(queries, 0);
    const lengths = await preconditioner.solvedLengths(queries, 0);
    own.forEach((value, row) => expect(value).toBeCloseTo(all.data[row * 6]!, 12));
    lengths.forEach((value, row) =>
      expect(value).toBeCloseTo(Math.hypot(...rowBlock(prepared.solved!, row, 1).data), 12),
    );
  });

  it('is damped by a multiple of the mean eigenvalue', async () => {
    const { relative, absolute } = await dampingOf(operator, null, new Random(4, 'probes'));
    expect(relative).toBe(0.1);
    const exact = (0.1 * trace(curvature)) / 24;
    expect(Math.abs(absolute / exact - 1)).toBeLessThan(0.3);
  });
});
