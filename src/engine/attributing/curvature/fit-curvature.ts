/** @file The inverse curvature of a trained model's loss as a preconditioner, by any of the methods (METHODS §6.3, §6.5). */
import { dampingOf, largestEigenvalue } from '../../../core/attribution/curvature/curvature-operator.ts';
import { conjugateGradients } from '../../../core/attribution/curvature/conjugate-gradients.ts';
import { curvaturePreconditioner } from '../../../core/attribution/curvature/curvature-preconditioner.ts';
import { fitDataInf } from '../../../core/attribution/curvature/datainf.ts';
import { inverseOnLeading, leadingEigenpairs } from '../../../core/attribution/curvature/arnoldi.ts';
import { lissa } from '../../../core/attribution/curvature/lissa.ts';
import type {
  CurvatureOperator,
  MultiplyRows,
  Regularisation,
} from '../../../core/attribution/curvature/curvature-operator.ts';
import type { Preconditioning } from '../../../core/attribution/method.ts';
import type { Preconditioner } from '../../../core/attribution/preconditioner.ts';
import { Random } from '../../../core/base/random.ts';
import { elementCount } from '../../../core/tensor/tensor.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { ComputeTools } from '../compute-tools.ts';
import type { CurvatureMember, CurvatureSettings } from './curvature-member.ts';
import { GaussNewtonOperator } from './gauss-newton-operator.ts';
import { fitKronecker } from './kronecker-factors.ts';
import { WholeGradients } from './whole-gradients.ts';

export type CurvatureKind = Exclude<Preconditioning, 'identity' | 'ridge'>;

export interface FittedCurvature extends Preconditioner {
  /** Releases the sessions behind it. */
  readonly dispose: () => Promise<void>;
}

/** Steps where nothing is said. */
const defaultIterations = { cg: 25, lissa: 1000, arnoldi: 100 } as const;
/** λ of the iterative solvers where nothing is said, in multiples of the mean eigenvalue: with less they would not come to an end. */
const ITERATIVE_DAMPING = 1;
/** ‖residual‖ / ‖gradient‖ at which conjugate gradients stop early. */
const TOLERANCE = 1e-3;
/** Images of one step of LiSSA. */
const LISSA_BATCH = 64;
/** Batches whose largest eigenvalues are looked at, and how far above these its scale is put: the power method stays below them. */
const LISSA_TRIALS = 8;
const LISSA_MARGIN = 2;
/** Bytes of the vectors that a solve holds, and of a Krylov basis, at most. */
const SOLVE_BYTES = 512 * 2 ** 20;
const BASIS_BYTES = 2 ** 30;

type Context = Pick<RunContext, 'signal' | 'progress'>;

interface Solver {
  readonly regularisation: Pick<Regularisation, 'damping'>;
  readonly solve: MultiplyRows;
  readonly dispose: () => Promise<void>;
}

/** Passes over what the model learned: LiSSA and conjugate gradients make theirs when something is solved, the others here. */
export async function fitCurvature(
  kind: CurvatureKind,
  member: CurvatureMember,
  settings: CurvatureSettings,
  tools: ComputeTools,
  context: Context,
): Promise<FittedCurvature> {
  const { regularisation, solve, dispose } = await openSolver(kind, member, settings, tools, context);
  const columns = member.projection?.size ?? member.classifier.parameterCount;
  const preconditioner = curvaturePreconditioner({
    damping: regularisation.damping,
    sampleCount: member.learned.length,
    solve,
    // A right-hand side, its solution and some vectors beside them.
    rowsAtOnce: Math.max(1, Math.floor(SOLVE_BYTES / (6 * 4 * columns))),
    engine: tools.matrixEngine,
  });
  return { ...preconditioner, dispose };
}

function openSolver(
  kind: CurvatureKind,
  member: CurvatureMember,
  settings: CurvatureSettings,
  tools: ComputeTools,
  context: Context,
): Promise<Solver> {
  switch (kind) {
    case 'cg':
    case 'lissa':
    case 'arnoldi':
      return openIterative(kind, member, settings, tools, context);
    case 'datainf':
      return openDataInf(member, settings, tools, context);
    case 'kfac':
    case 'ekfac':
      return fitKronecker(kind, member, settings, tools, context);
  }
}

async function openIterative(
  kind: 'cg' | 'lissa' | 'arnoldi',
  member: CurvatureMember,
  settings: CurvatureSettings,
  { executor, matrixEngine: engine }: ComputeTools,
  { signal }: Context,
): Promise<Solver> {
  const { relativeDamping, weightDecay, seed } = settings;
  const { learned } = member;
  const operator = new GaussNewtonOperator(executor, member, learned, signal);
  const damping = await dampingOf(
    operator,
    relativeDamping ?? ITERATIVE_DAMPING,
    new Random(seed, 'curvature/trace'),
  );
  const shift = damping.absolute + weightDecay;
  const iterations = settings.iterations ?? defaultIterations[kind];
  const solverOf = (solve: MultiplyRows): Solver => ({
    regularisation: { damping },
    solve,
    dispose: () => operator.dispose(),
  });
  if (kind === 'cg')
    return solverOf(async (rows) => {
      const options = { shift, iterations, tolerance: TOLERANCE, engine };
      return (await conjugateGradients(operator.multiply, rows, options)).solution;
    });
  if (kind === 'arnoldi') {
    const fitting = Math.max(1, Math.floor(BASIS_BYTES / (4 * operator.size)));
    const random = new Random(seed, 'curvature/arnoldi');
    const options = { iterations: Math.min(iterations, fitting), random, engine };
    return solverOf(inverseOnLeading(await leadingEigenpairs(operator, options), shift, engine));
  }
  const batch = (step: number | string): MultiplyRows => {
    const random = new Random(seed, `curvature/lissa/${step}`);
    const targets = Array.from({ length: LISSA_BATCH }, () => learned[random.integer(learned.length)]!);
    return (vectors) => operator.multiplyOver(targets, vectors);
  };
  const trials = Array.from({ length: LISSA_TRIALS }, (_, trial) => batch(`trial ${trial}`));
  const scale = LISSA_MARGIN * (await largestOf(operator, trials, seed)) + shift;
  return solverOf((rows) => lissa(batch, rows, { shift, depth: iterations, scale }));
}

/** The largest eigenvalue of the operator and of these batches of it. */
async function largestOf(
  { size, multiply }: CurvatureOperator,
  batches: readonly MultiplyRows[],
  seed: number,
): Promise<number> {
  let largest = 0;
  for (const own of [multiply, ...batches]) {
    const random = new Random(seed, 'curvature/power');
    largest = Math.max(largest, await largestEigenvalue({ size, multiply: own }, random));
  }
  return largest;
}

async function openDataInf(
  member: CurvatureMember,
  { relativeDamping, weightDecay }: CurvatureSettings,
  { executor, matrixEngine: engine }: ComputeTools,
  { signal }: Context,
): Promise<Solver> {
  const gradients = new WholeGradients(executor, member, signal);
  const columns = member.classifier.parameters.map(({ offset, shape }) => ({
    offset,
    count: elementCount(shape),
  }));
  const fitted = await fitDataInf(() => gradients.blocks(member.learned), columns, {
    relativeDamping,
    weightDecay,
    engine,
  });
  return { ...fitted, dispose: () => gradients.dispose() };
}
