/**
 * @file Distils a synset: the pixels and the scale of every synthetic image are learned until it has the gradients of its cluster at the weights that the
 * network passed through, from its last checkpoint backwards (METHODS §4.3, reconstructed). Clusters do not depend on each other, so they are
 * learned in groups that fit in memory.
 */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { peakLiveBytes } from '../../core/compiler/live-memory.ts';
import type { Executor, Fetches, Session } from '../../core/execution/executor.ts';
import {
  learnedLength,
  matchingGraph,
  matchingProgram,
  type MatchingDistance,
} from '../../core/nn/synset/matching-program.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { float32, type Tensor } from '../../core/tensor/tensor.ts';
import { pixelsPerImage, synsetTargets } from './synset.ts';

export interface DistilSettings {
  readonly iterations: number;
  readonly learningRate: number;
  readonly distance: MatchingDistance;
}

export interface DistilTask {
  readonly network: Network;
  readonly imagesPerCluster: number;
  /** Class index of each cluster. */
  readonly classes: Int32Array;
  /** Normalised pixels that the synthetic images start from, [C · imagesPerCluster, …]. */
  readonly start: Float32Array;
  /** In the order of training, the last being the model itself. */
  readonly checkpoints: readonly Float32Array[];
  /** Mean gradients of the clusters at each checkpoint, [C, p]. */
  readonly gradients: readonly Float32Array[];
  readonly settings: DistilSettings;
  readonly signal?: CancelSignal | undefined;
  /** Where a group of clusters stands now and then; it may be given back as `kept` to go on from there with equal bits. */
  readonly onState?: (state: GroupState) => void;
  readonly kept?: (group: number) => GroupState | null;
  readonly onProgress?: (fraction: number, distance: number) => void;
}

/** A group of clusters between two steps. */
export interface GroupState {
  readonly group: number;
  /** Steps that are done. */
  readonly step: number;
  readonly synset: Float32Array;
  readonly optimizerState: Float32Array;
  /** Sum over the group's clusters of their distances, for every step that is done. */
  readonly distances: Float32Array;
}

export interface Distilled {
  readonly images: Float32Array;
  readonly scales: Float32Array;
  /** Mean distance over clusters: one number per step. */
  readonly curve: Float32Array;
  /** The same at each checkpoint, of the start and of what was learned. */
  readonly matched: readonly { readonly before: number; readonly after: number }[];
}

/** What the values of a program may take. */
const MEMORY_BYTES = 768 * 2 ** 20;
const STEPS_BETWEEN_STATES = 50;

export async function distil(executor: Executor, task: DistilTask): Promise<Distilled> {
  const { network, imagesPerCluster, classes, settings } = task;
  const clusterCount = groupSize(network, task, executor.memoryBytes);
  const groupCount = Math.ceil(classes.length / clusterCount);
  const options = { clusterCount, imagesPerCluster, distance: settings.distance };
  const session = await executor.open(matchingProgram(network, { ...options, profile: executor.profile }));
  const pixels = pixelsPerImage(network) * imagesPerCluster;
  const images = new Float32Array(classes.length * pixels);
  const scales = new Float32Array(classes.length * imagesPerCluster);
  const curve = new Float32Array(settings.iterations);
  const matched = task.checkpoints.map(() => ({ before: 0, after: 0 }));
  try {
    for (let group = 0; group < groupCount; group++) {
      const first = Math.min(group * clusterCount, classes.length - clusterCount);
      const steps = new GroupSteps(session, task, { group, groupCount, first, clusterCount });
      const learned = await steps.learn();
      const share = 1 / (groupCount * clusterCount);
      for (const [place, distances] of matched.entries()) {
        distances.before += share * (await steps.distance(startOf(task, steps.group).synset, place));
        distances.after += share * (await steps.distance(learned.synset, place));
      }
      images.set(learned.synset.subarray(0, clusterCount * pixels), first * pixels);
      const logarithms = learned.synset.subarray(clusterCount * pixels);
      scales.set(logarithms.map(Math.exp), first * imagesPerCluster);
      learned.distances.forEach((distance, step) => (curve[step]! += share * distance));
    }
  } finally {
    await session.dispose();
  }
  return { images, scales, curve, matched };
}

/** Clusters that are learned together: groups of one size, the last of which overlaps the one before it where they do not come out even. */
function groupSize(network: Network, task: DistilTask, memoryBytes = Infinity): number {
  const { imagesPerCluster, classes, settings } = task;
  const bytes = (clusterCount: number): number => {
    const options = { clusterCount, imagesPerCluster, distance: settings.distance };
    const { graph, outputs } = matchingGraph(network, options);
    return peakLiveBytes(graph, [outputs['synset']!, outputs['optimizerState']!, outputs['distances']!]);
  };
  const [one, two] = [bytes(1), bytes(2)];
  const fitting = Math.max(1, Math.floor((Math.min(MEMORY_BYTES, memoryBytes) - one) / (two - one)));
  const groups = Math.ceil(classes.length / fitting);
  return Math.ceil(classes.length / groups);
}

interface Group {
  readonly group: number;
  readonly groupCount: number;
  readonly first: number;
  readonly clusterCount: number;
}

/** The steps of one group of clusters. */
class GroupSteps {
  readonly group: Group;
  readonly #session: Session;
  readonly #task: DistilTask;
  readonly #targets: Tensor;

  constructor(session: Session, task: DistilTask, group: Group) {
    this.group = group;
    this.#session = session;
    this.#task = task;
    const { network, imagesPerCluster } = task;
    const { first, clusterCount } = group;
    const classes = task.classes.subarray(first, first + clusterCount);
    const targets = synsetTargets({ classes, imagesPerCluster }, network.outputCount);
    this.#targets = float32([clusterCount * imagesPerCluster, network.outputCount], targets);
  }

  async learn(): Promise<GroupState> {
    const { settings, checkpoints, kept, signal, onState, onProgress } = this.#task;
    const { group, groupCount, clusterCount } = this.group;
    let state = kept?.(group) ?? startOf(this.#task, this.group);
    while (state.step < settings.iterations) {
      throwIfCancelled(signal);
      // Backwards from the end: the last checkpoint first, and again when the first is reached.
      const place = checkpoints.length - 1 - (state.step % checkpoints.length);
      const fetched = await this.#run(state, place, learningRateOf(state.step, settings));
      const distances = Float32Array.from(state.distances);
      distances[state.step] = sumOf(fetched['distances']!);
      state = {
        group,
        step: state.step + 1,
        synset: fetched['synset']!.data as Float32Array,
        optimizerState: fetched['optimizerState']!.data as Float32Array,
        distances,
      };
      const done = (group + state.step / settings.iterations) / groupCount;
      onProgress?.(done, distances[state.step - 1]! / clusterCount);
      if (state.step % STEPS_BETWEEN_STATES === 0 || state.step === settings.iterations) onState?.(state);
    }
    return state;
  }

  /** Sum over the group's clusters at one checkpoint. */
  async distance(synset: Float32Array, place: number): Promise<number> {
    const optimizerState = new Float32Array(2 * synset.length);
    return sumOf((await this.#run({ synset, optimizerState, step: 0 }, place, 0))['distances']!);
  }

  #run(
    { synset, optimizerState, step }: Pick<GroupState, 'synset' | 'optimizerState' | 'step'>,
    place: number,
    learningRate: number,
  ): Promise<Fetches> {
    const { network, checkpoints, gradients, imagesPerCluster } = this.#task;
    const { first, clusterCount } = this.group;
    const images = clusterCount * imagesPerCluster;
    const length = network.parameterCount;
    const wanted = gradients[place]!.subarray(first * length, (first + clusterCount) * length);
    return this.#session.run({
      images: float32(imageShape(network, images), synset.subarray(0, synset.length - images)),
      logScales: float32([images], synset.subarray(synset.length - images)),
      targets: this.#targets,
      parameters: float32([length], checkpoints[place]!),
      clusterGradients: float32([clusterCount, length], wanted),
      optimizerState: float32([optimizerState.length], optimizerState),
      learningRate: float32([1], Float32Array.of(learningRate)),
      step: float32([1], Float32Array.of(step + 1)),
    });
  }
}

function sumOf({ data }: Tensor): number {
  return (data as Float32Array).reduce((sum, distance) => sum + distance, 0);
}

/** A cosine from the rate to a tenth of it: late steps settle what the checkpoints in turn pull to and fro. */
function learningRateOf(step: number, { iterations, learningRate }: DistilSettings): number {
  return learningRate * (0.1 + 0.45 * (1 + Math.cos((Math.PI * step) / iterations)));
}

function startOf(task: DistilTask, { group, first, clusterCount }: Group): GroupState {
  const { network, imagesPerCluster, settings } = task;
  const length = learnedLength(network, { clusterCount, imagesPerCluster });
  const synset = new Float32Array(length);
  const pixels = pixelsPerImage(network) * imagesPerCluster;
  synset.set(task.start.subarray(first * pixels, (first + clusterCount) * pixels));
  // Together a cluster's images count for one.
  synset.fill(-Math.log(imagesPerCluster), clusterCount * pixels);
  const distances = new Float32Array(settings.iterations);
  return { group, step: 0, synset, optimizerState: new Float32Array(2 * length), distances };
}
