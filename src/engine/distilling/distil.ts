/**
 * @file Distils a synset: the pixels and the scale of every synthetic image are learned until it has the gradients of its cluster at the weights that the
 * network passed through, from its last checkpoint backwards (METHODS §4.3, reconstructed). Clusters do not depend on each other, so they are
 * learned in groups that fit in memory.
 */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { peakLiveBytes } from '../../core/compiler/live-memory.ts';
import type { Executor, Session } from '../../core/execution/executor.ts';
import {
  learnedLength,
  matchingGraph,
  matchingProgram,
  type MatchingDistance,
} from '../../core/nn/synset/matching-program.ts';
import type { Network } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
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
}

/** What the values of a program may take. */
const MEMORY_BYTES = 768 * 2 ** 20;
const STEPS_BETWEEN_STATES = 50;

export async function distil(executor: Executor, task: DistilTask): Promise<Distilled> {
  const { network, imagesPerCluster, classes, settings } = task;
  const clusterCount = groupSize(network, task);
  const groupCount = Math.ceil(classes.length / clusterCount);
  const options = { clusterCount, imagesPerCluster, distance: settings.distance };
  const session = await executor.open(matchingProgram(network, { ...options, profile: executor.profile }));
  const pixels = pixelsPerImage(network) * imagesPerCluster;
  const images = new Float32Array(classes.length * pixels);
  const scales = new Float32Array(classes.length * imagesPerCluster);
  const curve = new Float32Array(settings.iterations);
  try {
    for (let group = 0; group < groupCount; group++) {
      const first = Math.min(group * clusterCount, classes.length - clusterCount);
      const learned = await learnGroup(session, task, { group, groupCount, first, clusterCount });
      images.set(learned.synset.subarray(0, clusterCount * pixels), first * pixels);
      const logarithms = learned.synset.subarray(clusterCount * pixels);
      scales.set(logarithms.map(Math.exp), first * imagesPerCluster);
      learned.distances.forEach((distance, step) => (curve[step]! += distance / (groupCount * clusterCount)));
    }
  } finally {
    await session.dispose();
  }
  return { images, scales, curve };
}

/** Clusters that are learned together: groups of one size, the last of which overlaps the one before it where they do not come out even. */
function groupSize(network: Network, { imagesPerCluster, classes, settings }: DistilTask): number {
  const bytes = (clusterCount: number): number => {
    const options = { clusterCount, imagesPerCluster, distance: settings.distance };
    const { graph, outputs } = matchingGraph(network, options);
    return peakLiveBytes(graph, [outputs['synset']!, outputs['optimizerState']!, outputs['distances']!]);
  };
  const [one, two] = [bytes(1), bytes(2)];
  const fitting = Math.max(1, Math.floor((MEMORY_BYTES - one) / (two - one)));
  const groups = Math.ceil(classes.length / fitting);
  return Math.ceil(classes.length / groups);
}

interface Group {
  readonly group: number;
  readonly groupCount: number;
  readonly first: number;
  readonly clusterCount: number;
}

async function learnGroup(
  session: Session,
  task: DistilTask,
  { group, groupCount, first, clusterCount }: Group,
): Promise<GroupState> {
  const { network, settings, checkpoints, imagesPerCluster } = task;
  const classes = task.classes.subarray(first, first + clusterCount);
  const targets = synsetTargets({ classes, imagesPerCluster }, network.outputCount);
  const length = network.parameterCount;
  let state = task.kept?.(group) ?? startOf(task, group, first, clusterCount);
  while (state.step < settings.iterations) {
    throwIfCancelled(task.signal);
    // Backwards from the end: the last checkpoint first, and again when the first is reached.
    const place = checkpoints.length - 1 - (state.step % checkpoints.length);
    const wanted = task.gradients[place]!.subarray(first * length, (first + clusterCount) * length);
    const fetched = await session.run({
      synset: float32([state.synset.length], state.synset),
      targets: float32([clusterCount * imagesPerCluster, network.outputCount], targets),
      parameters: float32([length], checkpoints[place]!),
      clusterGradients: float32([clusterCount, length], wanted),
      optimizerState: float32([state.optimizerState.length], state.optimizerState),
      learningRate: float32([1], Float32Array.of(learningRateOf(state.step, settings))),
      step: float32([1], Float32Array.of(state.step + 1)),
    });
    const found = fetched['distances']!.data as Float32Array;
    const distances = Float32Array.from(state.distances);
    distances[state.step] = found.reduce((sum, distance) => sum + distance, 0);
    state = {
      group,
      step: state.step + 1,
      synset: fetched['synset']!.data as Float32Array,
      optimizerState: fetched['optimizerState']!.data as Float32Array,
      distances,
    };
    const done = (group + state.step / settings.iterations) / groupCount;
    task.onProgress?.(done, distances[state.step - 1]! / clusterCount);
    if (state.step % STEPS_BETWEEN_STATES === 0 || state.step === settings.iterations) task.onState?.(state);
  }
  return state;
}

/** A cosine from the rate to a tenth of it: late steps settle what the checkpoints in turn pull to and fro. */
function learningRateOf(step: number, { iterations, learningRate }: DistilSettings): number {
  return learningRate * (0.1 + 0.45 * (1 + Math.cos((Math.PI * step) / iterations)));
}

function startOf(task: DistilTask, group: number, first: number, clusterCount: number): GroupState {
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
