/** @file The mean gradient of each cluster's images at each checkpoint: what a synset is to have too. */
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor, Program } from '../../core/execution/executor.ts';
import { likenessProgram } from '../../core/nn/synset/likeness-program.ts';
import { gradientSumProgram } from '../../core/nn/synset/gradient-sum-program.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import { BatchedProgram } from '../attributing/curvature/batched-program.ts';
import type { FeatureModel } from '../attributing/compute-features.ts';
import type { ImageClusters, LearnedImage } from './image-clusters.ts';

/** Passes are cluster by cluster: a larger batch would be padding for the most part. */
const LARGEST_BATCH = 64;

/** Keeps one session open for all checkpoints. */
export class ClusterGradients {
  readonly #program: BatchedProgram;
  readonly #likeness: BatchedProgram;
  readonly #parameterCount: number;
  readonly #members: readonly (readonly LearnedImage[])[];

  constructor(
    executor: Executor,
    model: FeatureModel,
    learned: readonly LearnedImage[],
    { assignment, sizes }: Pick<ImageClusters, 'assignment' | 'sizes'>,
  ) {
    const { classifier } = model;
    this.#parameterCount = classifier.parameterCount;
    this.#members = Array.from(sizes, (_, cluster) =>
      learned.filter((_image, place) => assignment[place] === cluster),
    );
    const build = (batchSize: number): Program => gradientSumProgram(classifier, batchSize, executor.profile);
    const largest = Math.min(LARGEST_BATCH, Math.max(...sizes));
    this.#program = new BatchedProgram(executor, model, build, 0, largest);
    const buildLikeness = (batchSize: number): Program =>
      likenessProgram(classifier, batchSize, executor.profile);
    this.#likeness = new BatchedProgram(executor, model, buildLikeness, 0, largest);
  }

  /** [C, p] at these parameters; `onCluster` is told how many are done. */
  async at(
    parameters: Float32Array,
    signal: CancelSignal | undefined,
    onCluster: (done: number) => void,
  ): Promise<Float32Array> {
    const length = this.#parameterCount;
    const means = new Float32Array(this.#members.length * length);
    for (const [cluster, members] of this.#members.entries()) {
      const sum = await this.#program.pass(
        members,
        () => new Float64Array(length),
        async (total, run) => {
          const { gradient } = await run({ parameters: float32([length], parameters) });
          const data = gradient!.data as Float32Array;
          for (let index = 0; index < length; index++) total[index]! += data[index]!;
        },
        signal,
      );
      const mean = means.subarray(cluster * length, (cluster + 1) * length);
      for (let index = 0; index < length; index++) mean[index] = sum[index]! / members.length;
      onCluster(cluster + 1);
    }
    return means;
  }

  /** ⟨∇loss, mean gradient of the own cluster⟩ of every learned image at these parameters; `means` [C, p] as `at` gives them. */
  async likenesses(
    parameters: Float32Array,
    means: Float32Array,
    assignment: Int32Array,
    signal: CancelSignal | undefined,
  ): Promise<Float32Array> {
    const length = this.#parameterCount;
    const found = new Float32Array(assignment.length);
    for (const [cluster, members] of this.#members.entries()) {
      const direction = means.subarray(cluster * length, (cluster + 1) * length);
      const own = await this.#likeness.pass(
        members,
        () => [] as number[],
        async (all, run) => {
          const feeds = {
            parameters: float32([length], parameters),
            direction: float32([length], direction),
          };
          const { likenesses } = await run(feeds);
          all.push(...(likenesses!.data as Float32Array));
        },
        signal,
      );
      let place = 0;
      assignment.forEach((of, image) => {
        if (of === cluster) found[image] = own[place++]!;
      });
    }
    return found;
  }

  async dispose(): Promise<void> {
    await this.#likeness.dispose();
    await this.#program.dispose();
  }
}
