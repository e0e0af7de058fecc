import { afterAll, describe, expect, it } from 'vitest';
import { solveRows } from '../../../../testing/softmax-regression.ts';
import { Random } from '../../../core/base/random.ts';
import { Cancellation } from '../../../core/base/cancel-signal.ts';
import {
  makeMatrix,
  toFloat64,
  trace,
  zeros64,
  type Matrix,
  type Matrix64,
} from '../../../core/linalg/matrix.ts';
import { plainMatrixEngine } from '../../../core/linalg/matrix-engine.ts';
import { layOut } from '../../../core/nn/classifier.ts';
import type { Network } from '../../../core/nn/network.ts';
import { createOrtExecutor } from '../../runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../../runtime/ort-matrix-engine.ts';
import { memoryPixels } from '../../training/pixel-source.ts';
import { predictRows } from '../../training/predict.ts';
import { FeatureComputer } from '../compute-features.ts';
import type { ComputeTools } from '../compute-tools.ts';
import type { CurvatureMember, CurvatureSettings } from './curvature-member.ts';
import { fitCurvature, type CurvatureKind } from './fit-curvature.ts';
import { WholeGradients } from './whole-gradients.ts';

const COUNT = 70;
const engine = createOrtMatrixEngine({ threads: 1 });
const tools: ComputeTools = {
  executor: createOrtExecutor({ threads: 1 }),
  matrixEngine: engine,
  readPixels: () => Promise.reject(new Error('the pixels are in memory')),
};
const context = { signal: new AbortController().signal, progress: () => undefined };
const disposals: (() => Promise<void>)[] = [() => engine.dispose()];

afterAll(async () => {
  for (const dispose of disposals.reverse()) await dispose();
});

const config = { architecture: 'mlp', channels: 1, imageSize: 4, classCount: 3, dropout: 0 } as const;
const network = layOut(config, [
  { kind: 'flatten' },
  { kind: 'linear', name: 'first', inputs: 16, outputs: 5, last: false },
  { kind: 'relu' },
  { kind: 'linear', name: 'head', inputs: 5, outputs: 3, last: true },
]);

function memberOf(own: Network, parameters = own.initialParameters(3)): CurvatureMember {
  const random = new Random(2, 'pixels');
  const bytes = new Uint8Array(COUNT * 16).map(() => random.integer(256));
  return {
    classifier: own,
    parameters,
    pixels: memoryPixels(bytes, 1, 4),
    normalization: { means: [0.5], deviations: [0.25] },
    learned: Array.from({ length: COUNT }, (_, row) => ({ row, classIndex: row % 3 })),
    projection: null,
  };
}

const member = memberOf(network);
const settings: CurvatureSettings = { relativeDamping: 2, iterations: null, weightDecay: 1e-3, seed: 4 };

/** Kronecker factors damp each block by its own mean eigenvalue; these keep the blocks' shifts alike. */
const sameForAll = { relativeDamping: 1e-6, weightDecay: 0.02 };

async function gradientsOf(of: CurvatureMember, classIndex?: number): Promise<Matrix> {
  const gradients = new WholeGradients(tools.executor, of, context.signal);
  const targets = of.learned.map((target) => ({ ...target, classIndex: classIndex ?? target.classIndex }));
  const rows = await gradients.at(targets);
  await gradients.dispose();
  return rows;
}

/** Σ_c p_c g_c g_cᵀ averaged over the images: the Gauss–Newton matrix written out. */
async function writtenOut(of: CurvatureMember): Promise<Matrix64> {
  const rows = Int32Array.from(of.learned, ({ row }) => row);
  const { probabilities } = await predictRows(tools.executor, { ...of, rows });
  const size = of.classifier.parameterCount;
  const sum = zeros64(size, size);
  for (let c = 0; c < 3; c++) {
    const { data } = toFloat64(await gradientsOf(of, c));
    const scaled = data.map(
      (value, index) => value * Math.sqrt(probabilities[Math.floor(index / size) * 3 + c]! / COUNT),
    );
    const own = makeMatrix(COUNT, size, scaled);
    const part = await plainMatrixEngine.multiply(own, own, { transposeA: true });
    part.data.forEach((value, index) => (sum.data[index]! += value));
  }
  return sum;
}

async function solvedBy(
  kind: CurvatureKind,
  queries: Matrix,
  changes: Partial<CurvatureSettings> = {},
  of = member,
): Promise<{ solved: Matrix; absolute: number }> {
  const fitted = await fitCurvature(kind, of, { ...settings, ...changes }, tools, context);
  disposals.push(() => fitted.dispose());
  const { solved } = await fitted.prepare(queries);
  return { solved: solved!, absolute: fitted.damping!.absolute };
}

/** ‖a − b‖ / ‖b‖ over all rows. */
function distance(a: Matrix, b: Matrix): number {
  return Math.hypot(...Array.from(a.data, (value, i) => value - b.data[i]!)) / Math.hypot(...b.data);
}

const curvature = await writtenOut(member);
const gradients = await gradientsOf(member);
const queries = makeMatrix(6, gradients.columns, gradients.data.slice(0, 6 * gradients.columns));

/** (H + (λ + decay)I)⁻¹ g / n with the λ that the method chose. */
async function exactly(absolute: number): Promise<Matrix64> {
  const solution = await solveRows(curvature, absolute + settings.weightDecay, toFloat64(queries));
  return { ...solution, data: solution.data.map((value) => value / COUNT) };
}

describe('the inverse curvature of a network', () => {
  it.each([
    ['cg', {}, 5e-3],
    ['arnoldi', { iterations: 103 }, 1e-3],
  ] as const)('(%s) is that of the Gauss–Newton matrix written out', async (kind, changes, tolerance) => {
    const { solved, absolute } = await solvedBy(kind, queries, changes);
    expect(absolute / ((2 * trace(curvature)) / network.parameterCount)).toBeGreaterThan(0.7);
    expect(distance(solved, await exactly(absolute))).toBeLessThan(tolerance);
  });

  it('(lissa) comes near it with random batches', async () => {
    const { solved, absolute } = await solvedBy('lissa', queries, { iterations: 300 });
    expect(distance(solved, await exactly(absolute))).toBeLessThan(0.1);
  });

  it.each(['kfac', 'ekfac'] as const)('(%s) is nearer to it than no curvature at all', async (kind) => {
    const { solved } = await solvedBy(kind, queries, sameForAll);
    const solution = await solveRows(curvature, sameForAll.weightDecay, toFloat64(queries));
    const expected = { ...solution, data: solution.data.map((value) => value / COUNT) };
    const { data } = toFloat64(queries);
    const squares = data.reduce((sum, value) => sum + value * value, 0);
    const scale = data.reduce((sum, value, i) => sum + value * expected.data[i]!, 0) / squares;
    const plain = { ...queries, data: data.map((value) => value * scale) };
    expect(distance(solved, expected)).toBeLessThan(0.75 * distance(plain, expected));
  });

  it('(kfac) is exact, but for the labels it draws, where δ does not depend on a; (ekfac) is the same there', async () => {
    // All weights zero: every class has the same probability whatever the image is.
    const linear = layOut(config, [
      { kind: 'flatten' },
      { kind: 'linear', name: 'head', inputs: 16, outputs: 3, last: true },
    ]);
    const flat = memberOf(linear, new Float32Array(linear.parameterCount));
    const many = {
      ...flat,
      learned: Array.from({ length: 40 * COUNT }, (_, place) => ({ row: place % COUNT, classIndex: 0 })),
    };
    const own = await gradientsOf(flat);
    const weights = zeros64(6, own.columns);
    for (let row = 0; row < 6; row++)
      weights.data.set(own.data.subarray(row * own.columns, row * own.columns + 48), row * own.columns);
    const { solved } = await solvedBy('kfac', weights, {}, many);
    // The Gauss–Newton matrix of the weights alone; its mean eigenvalue decides λ of the block.
    const written = await writtenOut(flat);
    const block = zeros64(48, 48);
    for (let row = 0; row < 48; row++)
      block.data.set(written.data.subarray(row * own.columns, row * own.columns + 48), row * 48);
    const part = (matrix: Matrix): Matrix64 => {
      const some = zeros64(6, 48);
      for (let row = 0; row < 6; row++)
        some.data.set(matrix.data.subarray(row * own.columns, row * own.columns + 48), row * 48);
      return some;
    };
    const exact = await solveRows(block, (2 * trace(block)) / 48 + settings.weightDecay, part(weights));
    const scaled = { ...exact, data: exact.data.map((value) => value / many.learned.length) };
    // 2,800 labels: S scatters by about 1/√2800.
    expect(distance(part(solved), scaled)).toBeLessThan(0.06);
    const { solved: corrected } = await solvedBy('ekfac', weights, {}, many);
    expect(distance(part(corrected), part(solved))).toBeLessThan(0.1);
  });

  it.each(['kfac', 'ekfac'] as const)(
    '(%s) of factorised coordinates that lose nothing gives the scores of whole gradients',
    async (kind) => {
      const projection = { kind: 'factorised', size: 4096, seed: 1 } as const;
      const shortened = { ...member, projection };
      const computer = new FeatureComputer(tools.executor, member, { outputFunction: 'loss', projection });
      disposals.push(() => computer.dispose());
      const { features } = await computer.compute(member.learned);
      const rows = makeMatrix(COUNT, features.length / COUNT, features);
      expect(rows.columns).toBe(network.parameterCount);
      const sameDamping = { ...settings, ...sameForAll };
      const whole = await fitCurvature(kind, member, sameDamping, tools, context);
      const short = await fitCurvature(kind, shortened, sameDamping, tools, context);
      const [expected, found] = [
        await (await whole.prepare(gradients)).scores(gradients, 0),
        await (await short.prepare(rows)).scores(rows, 0),
      ];
      expect(distance(found, expected)).toBeLessThan(1e-4);
    },
  );

  it('(datainf) is the mean of the inverses of single images, parameter by parameter', async () => {
    const { solved } = await solvedBy('datainf', queries);
    const head = network.parameters.find(({ name }) => name === 'head.weight')!;
    const part = (matrix: Matrix) =>
      toFloat64(
        makeMatrix(
          matrix.rows,
          15,
          Float64Array.from({ length: matrix.rows * 15 }, (_, index) => {
            const row = Math.floor(index / 15);
            return matrix.data[row * matrix.columns + head.offset + (index % 15)]!;
          }),
        ),
      );
    const own = part(gradients);
    const damping = (2 * own.data.reduce((sum, value) => sum + value * value, 0)) / COUNT / 15;
    const sum = zeros64(6, 15);
    for (let sample = 0; sample < COUNT; sample++) {
      const one = makeMatrix(1, 15, own.data.slice(sample * 15, (sample + 1) * 15));
      const outer = (await plainMatrixEngine.multiply(one, one, { transposeA: true })) as Matrix64;
      const each = await solveRows(outer, damping + settings.weightDecay, part(queries));
      each.data.forEach((value, index) => (sum.data[index]! += value / COUNT / COUNT));
    }
    expect(distance(part(solved), sum)).toBeLessThan(1e-5);
  });

  it.each(['cg', 'lissa', 'arnoldi', 'datainf', 'kfac', 'ekfac'] as const)(
    '(%s) draws nothing that the seed does not fix, and stops when it is cancelled',
    async (kind) => {
      const short = { iterations: 5 };
      const [first, second] = [await solvedBy(kind, queries, short), await solvedBy(kind, queries, short)];
      expect(first.solved.data).toEqual(second.solved.data);
      const cancellation = new Cancellation();
      cancellation.cancel();
      const cancelled = { ...context, signal: cancellation.signal as AbortSignal };
      await expect(fitCurvature(kind, member, settings, tools, cancelled)).rejects.toThrow();
    },
  );
});
