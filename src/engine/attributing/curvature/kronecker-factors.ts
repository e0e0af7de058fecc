/** @file Kronecker factors of the Fisher matrix of a trained network, and their inverse (METHODS §6.3, §6.5). */
import { assert } from '../../../core/base/assert.ts';
import {
  kroneckerBlock,
  kroneckerInverse,
  type CurvatureBlock,
  type KroneckerInverse,
} from '../../../core/attribution/curvature/kronecker.ts';
import { Random } from '../../../core/base/random.ts';
import type { Fetches, Program } from '../../../core/execution/executor.ts';
import { makeMatrix, toFloat32, type Matrix, type Matrix64 } from '../../../core/linalg/matrix.ts';
import type { MatrixEngine } from '../../../core/linalg/matrix-engine.ts';
import {
  factorOutputs,
  factorStatisticsProgram,
  gradientBlocks,
  squaredGradientsProgram,
  type FactorOptions,
  type GradientBlock,
} from '../../../core/nn/factor-statistics-program.ts';
import type { RunContext } from '../../runs/run-context.ts';
import { predictRows } from '../../training/predict.ts';
import type { FeatureTarget } from '../compute-features.ts';
import type { ComputeTools } from '../compute-tools.ts';
import { BatchedProgram } from './batched-program.ts';
import type { CurvatureMember, CurvatureSettings } from './curvature-member.ts';

type Context = Pick<RunContext, 'signal' | 'progress'>;
/** Sums over all images, by the name of the program's output. */
type Sums = Map<string, Float64Array>;

/** One pass for the factors, and with eigenvalues of their own a second one in the basis that the first one gave. */
export async function fitKronecker(
  kind: 'kfac' | 'ekfac',
  member: CurvatureMember,
  settings: CurvatureSettings,
  tools: ComputeTools,
  context: Context,
): Promise<KroneckerInverse & { dispose: () => Promise<void> }> {
  const layout = gradientBlocks(member.classifier, member.projection);
  assert(
    layout.every(({ plan }) => plan === null || plan.sketch === null),
    'a sketch of products has no Kronecker factors',
  );
  const sampled = await sampleLabels(member, settings.seed, tools, context);
  const sumsOver = (
    blocks: readonly GradientBlock[],
    program: typeof factorStatisticsProgram,
  ): Promise<Sums> =>
    sumOutputs(member, sampled, tools, context, (options) =>
      program(member.classifier, member.parameters, { ...options, blocks }),
    );
  const count = sampled.length;
  const sums = await sumsOver(layout, factorStatisticsProgram);
  const blocks = layout.map((block) => blockFrom(block, sums, count));
  if (kind === 'ekfac') {
    const rotated = await Promise.all(
      layout.map((block, index) => inBasis(block, blocks[index]!, tools.matrixEngine)),
    );
    const factored = rotated.filter((_, index) => blocks[index]!.basis !== null);
    const squares = await sumsOver(factored, squaredGradientsProgram);
    for (const [index, block] of layout.entries()) {
      const measured = squares.get(factorOutputs.squares(block));
      if (measured === undefined) continue;
      blocks[index] = { ...blocks[index]!, eigenvalues: measured.map((sum) => sum / count) };
    }
  }
  const inverse = kroneckerInverse(blocks, settings, tools.matrixEngine);
  return { ...inverse, dispose: () => Promise.resolve() };
}

/** The same images with labels drawn from the model's own probabilities: the Fisher matrix is that of what the model believes. */
async function sampleLabels(
  member: CurvatureMember,
  seed: number,
  { executor }: ComputeTools,
  { signal }: Context,
): Promise<FeatureTarget[]> {
  const { learned, classifier } = member;
  const rows = Int32Array.from(learned, ({ row }) => row);
  const { probabilities } = await predictRows(executor, { ...member, rows, signal });
  const random = new Random(seed, 'curvature/labels');
  return learned.map(({ row }, place) => {
    const start = place * classifier.outputCount;
    const own = probabilities.subarray(start, start + classifier.outputCount);
    return { row, classIndex: drawFrom(own, random.uniform()) };
  });
}

function drawFrom(probabilities: Float32Array, uniform: number): number {
  let rest = uniform;
  for (const [index, probability] of probabilities.entries()) {
    rest -= probability;
    if (rest < 0) return index;
  }
  return probabilities.indexOf(Math.max(...probabilities));
}

/** Every output of the program, added up over the images. */
async function sumOutputs(
  member: CurvatureMember,
  targets: readonly FeatureTarget[],
  { executor }: ComputeTools,
  { signal }: Context,
  build: (options: Omit<FactorOptions, 'blocks'>) => Program,
): Promise<Sums> {
  const program = new BatchedProgram(
    executor,
    member,
    (batchSize) => build({ batchSize, profile: executor.profile }),
    4 * member.classifier.parameterCount,
  );
  try {
    return await program.pass(
      targets,
      (): Sums => new Map(),
      async (sums, run) => addTo(sums, await run({})),
      signal,
    );
  } finally {
    await program.dispose();
  }
}

function addTo(sums: Sums, fetched: Fetches): void {
  for (const [name, { data }] of Object.entries(fetched)) {
    const part = data as Float32Array;
    const sum = sums.get(name) ?? new Float64Array(part.length);
    for (let index = 0; index < part.length; index++) sum[index]! += part[index]!;
    sums.set(name, sum);
  }
}

/** K-FAC's block; of what has no factors the diagonal. */
function blockFrom(block: GradientBlock, sums: Sums, count: number): CurvatureBlock {
  const mean = (name: string): Float64Array | undefined => sums.get(name)?.map((sum) => sum / count);
  const [left, right] = [mean(factorOutputs.left(block)), mean(factorOutputs.right(block))];
  if (left !== undefined && right !== undefined)
    return kroneckerBlock(block.offset, { left: squareOf(left), right: squareOf(right) });
  const eigenvalues = mean(factorOutputs.squares(block))!;
  return { offset: block.offset, rows: 1, columns: block.size, basis: null, eigenvalues };
}

function squareOf(data: Float64Array): Matrix64 {
  const order = Math.sqrt(data.length);
  return makeMatrix(order, order, data);
}

/** The block with coordinates along its eigenvectors. */
async function inBasis(
  block: GradientBlock,
  { basis }: CurvatureBlock,
  engine: MatrixEngine,
): Promise<GradientBlock> {
  const { plan } = block;
  if (basis === null || plan === null) return block;
  const rotate = async (vectors: Matrix64, side: Float32Array | null): Promise<Float32Array> => {
    const rows: Matrix = toFloat32(vectors);
    if (side === null) return rows.data as Float32Array;
    const projected = await engine.multiply(rows, makeMatrix(rows.columns, side.length / rows.columns, side));
    return toFloat32(projected).data;
  };
  const left = await rotate(basis.left, plan.left);
  return { ...block, plan: { ...plan, left, right: await rotate(basis.right, plan.right) } };
}
