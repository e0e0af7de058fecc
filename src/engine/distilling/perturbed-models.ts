/**
 * @file The online stage: models that go on from the trained one on a perturbed synset, all of them in one graph as far as memory goes; where the
 * network cannot be done in copies, one after the other (METHODS §4.4).
 */
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { peakLiveBytes } from '../../core/compiler/live-memory.ts';
import type { MatrixEngine } from '../../core/linalg/matrix-engine.ts';
import { toFloat32, zeros32, type Matrix, type Matrix32, type Matrix64 } from '../../core/linalg/matrix.ts';
import { mixInto, rowOf } from '../../core/linalg/row-algebra.ts';
import {
  perturbedTrainingGraph,
  perturbedTrainingProgram,
} from '../../core/nn/synset/perturbed-training-program.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { clusterShares, maskedWeights, synsetImageCount, synsetTargets, type Synset } from './synset.ts';

export interface PerturbedTraining {
  readonly steps: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/**
 * What makes the start a point of rest whose departures are exact: there the gradient of every cluster is the real images' own, and that of all together
 * is taken off, so that the control stays where it is and a model without a cluster leaves in the direction in which a training without it would. How
 * the gradients change from there on is the synset's to say. null in a task: the synset alone.
 */
export interface StartCorrection {
  /** What the synset's gradients at the start lack of the clusters' own, [C, p]. */
  readonly residuals: Matrix;
  /** Gradient of the mean loss over all images at the start, [p]. */
  readonly slope: Float32Array;
}

export interface PerturbTask {
  readonly network: Network;
  /** What all models start from, [p]. */
  readonly parameters: Float32Array;
  readonly synset: Synset;
  readonly correction: StartCorrection | null;
  /** [B, C] */
  readonly masks: Matrix64;
  readonly training: PerturbedTraining;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: (fraction: number) => void;
}

const MEMORY_BYTES = 512 * 2 ** 20;

/** What is added to each model's gradient, [B, p]. */
async function correctionsOf(
  { synset, correction, masks, network, training, parameters }: PerturbTask,
  engine: MatrixEngine,
): Promise<Matrix32> {
  if (correction === null) return zeros32(masks.rows, network.parameterCount);
  const shares = zeros32(masks.rows, masks.columns);
  for (let mask = 0; mask < masks.rows; mask++)
    shares.data.set(clusterShares(synset, rowOf(masks, mask)), mask * masks.columns);
  const lacking = toFloat32(await engine.multiply(shares, correction.residuals));
  const rest = correction.slope.map((value, index) => value + training.weightDecay * parameters[index]!);
  for (let mask = 0; mask < masks.rows; mask++) mixInto(rowOf(lacking, mask), rest, { factor: -1 });
  return lacking;
}

/** `take` is given the parameters of each model, in the order of the masks. Answers how many were trained in one graph. */
export async function trainPerturbed(
  { executor, matrixEngine }: Pick<ComputeTools, 'executor' | 'matrixEngine'>,
  task: PerturbTask,
  take: (model: number, parameters: Float32Array) => Promise<void>,
): Promise<number> {
  const { network, synset, masks, training } = task;
  const copyCount = copiesAtOnce(task, executor.memoryBytes);
  const all = await correctionsOf(task, matrixEngine);
  const options = { ...training, imageCount: synsetImageCount(synset), profile: executor.profile };
  const session = await executor.open(perturbedTrainingProgram(network, { ...options, copyCount }));
  const [images, pixels] = [synsetImageCount(synset), imageShape(network, synsetImageCount(synset))];
  const targets = synsetTargets(synset, network.outputCount);
  try {
    for (let first = 0; first < masks.rows; first += copyCount) {
      const weights = new Float32Array(copyCount * images);
      let parameters = new Float32Array(copyCount * network.parameterCount);
      const corrections = new Float32Array(parameters.length);
      for (let copy = 0; copy < copyCount; copy++) {
        // Copies past the last mask repeat it; nobody takes them.
        const row = Math.min(first + copy, masks.rows - 1);
        weights.set(maskedWeights(synset, rowOf(masks, row)), copy * images);
        corrections.set(rowOf(all, row), copy * network.parameterCount);
        parameters.set(task.parameters, copy * network.parameterCount);
      }
      let velocity = new Float32Array(parameters.length);
      for (let step = 0; step < training.steps; step++) {
        throwIfCancelled(task.signal);
        const fetched = await session.run({
          images: float32(pixels, synset.images),
          targets: float32([images, network.outputCount], targets),
          imageWeights: float32([copyCount, images], weights),
          corrections: float32([copyCount, network.parameterCount], corrections),
          parameters: float32([copyCount, network.parameterCount], parameters),
          velocity: float32([copyCount, network.parameterCount], velocity),
          learningRate: float32([1], Float32Array.of(training.learningRate)),
        });
        parameters = fetched['parameters']!.data as Float32Array<ArrayBuffer>;
        velocity = fetched['velocity']!.data as Float32Array<ArrayBuffer>;
        const done = Math.min(copyCount, masks.rows - first);
        task.onProgress?.((first + (done * (step + 1)) / training.steps) / masks.rows);
      }
      for (let copy = 0; copy < copyCount && first + copy < masks.rows; copy++)
        await take(
          first + copy,
          parameters.subarray(copy * network.parameterCount, (copy + 1) * network.parameterCount),
        );
    }
  } finally {
    await session.dispose();
  }
  return copyCount;
}

/** Chunks of one size; one model at a time where the network has an operator that cannot be done in copies. */
function copiesAtOnce({ network, synset, masks, training }: PerturbTask, memoryBytes = Infinity): number {
  const bytes = (copyCount: number): number => {
    const options = { ...training, copyCount, imageCount: synsetImageCount(synset) };
    const { graph, outputs } = perturbedTrainingGraph(network, options);
    return peakLiveBytes(graph, Object.values(outputs));
  };
  try {
    const [two, three] = [bytes(2), bytes(3)];
    const fitting = Math.max(2, Math.floor((Math.min(MEMORY_BYTES, memoryBytes) - two) / (three - two)));
    return Math.ceil(masks.rows / Math.ceil(masks.rows / fitting));
  } catch (error) {
    if (error instanceof AppError && error.code === 'model-parameter-unsupported') return 1;
    throw error;
  }
}
