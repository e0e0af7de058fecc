/**
 * @file The upper bound of the idea: models that go on from the trained one on the real images without a cluster, for as many steps, in batches. All of
 * them are dealt the images in one order, so that they differ in what is left out and in nothing else.
 */
import { Random } from '../../core/base/random.ts';
import { drawDropoutMasks } from '../../core/nn/dropout.ts';
import { trainingProgram } from '../../core/nn/training-program.ts';
import { imageShape } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor } from '../../core/execution/executor.ts';
import type { LoadedModel } from '../attributing/loaded-model.ts';
import { BatchReader } from '../training/batches.ts';
import type { PerturbedTraining } from './perturbed-models.ts';

export interface RealFineTuning {
  readonly model: LoadedModel;
  /** Cluster of each learned image. */
  readonly assignment: Int32Array;
  readonly training: PerturbedTraining;
  readonly batchSize: number;
  readonly seed: number;
  readonly signal: CancelSignal;
}

/** Answers the parameters after going on without a cluster; −1: without none. */
export async function openRealFineTuning(executor: Executor, work: RealFineTuning) {
  const { model, training, batchSize, assignment, seed, signal } = work;
  const { classifier, pixels, normalization, learned } = model;
  const { momentum, weightDecay } = training;
  const options = { batchSize, optimizer: 'sgd', momentum, weightDecay } as const;
  const session = await executor.open(trainingProgram(classifier, { ...options, profile: executor.profile }));
  const reader = new BatchReader(pixels, normalization, batchSize, { isReadAgain: true });
  const order = Array.from({ length: training.steps }, (_, pass) => [
    ...new Random(seed, `fine-tuning on real images/${pass}`).permutation(learned.length),
  ]).flat();
  return {
    without: async (cluster: number): Promise<Float32Array> => {
      const places = order.filter((place) => assignment[place] !== cluster);
      let parameters = model.parameters;
      let optimizerState = new Float32Array(parameters.length);
      for (let step = 0; step < training.steps; step++) {
        throwIfCancelled(signal);
        const batch = places.slice(step * batchSize, (step + 1) * batchSize).map((place) => learned[place]!);
        const targets = new Float32Array(batchSize * classifier.outputCount);
        batch.forEach(({ classIndex }, row) => (targets[row * classifier.outputCount + classIndex] = 1));
        const fetched = await session.run({
          images: float32(
            imageShape(classifier, batchSize),
            reader.read(Int32Array.from(batch, ({ row }) => row)),
          ),
          targets: float32([batchSize, classifier.outputCount], targets),
          sampleWeights: float32([batchSize], new Float32Array(batchSize).fill(1)),
          parameters: float32([parameters.length], parameters),
          optimizerState: float32([optimizerState.length], optimizerState),
          learningRate: float32([1], Float32Array.of(training.learningRate)),
          ...drawDropoutMasks(classifier, batchSize, new Random(seed, `fine-tuning masks/${step}`)),
        });
        parameters = fetched['parameters']!.data as Float32Array;
        optimizerState = fetched['optimizerState']!.data as Float32Array<ArrayBuffer>;
      }
      return parameters;
    },
    dispose: () => session.dispose(),
  };
}
