/**
 * @file The run that distils a synset of a model: clusters within classes, the clusters' mean gradients at the last checkpoints, and synthetic images that have
 * them too. What is done lies in the project's cache, so that a run that is resumed goes on where it was and ends in the same bits.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { mean } from '../../core/linalg/ranks.ts';
import type { DistilConfig } from '../../contract/datamodel-configs.ts';
import { readVectorFile, writeVectorFile } from '../artifacts/vector-file.ts';
import { readChecked } from '../attributing/members/train-member.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { dataHashOf, loadModel, type LoadedModel } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { addRunNotes } from '../storage/runs.ts';
import { findSynsetOfRun, saveSynset } from '../storage/synsets.ts';
import { BatchReader } from '../training/batches.ts';
import { checkpointsPath, readCheckpointList } from '../training/kept-checkpoints.ts';
import { ClusterGradients } from './cluster-gradients.ts';
import { distil, type DistilTask, type GroupState } from './distil.ts';
import { clusterImages, type ImageClusters } from './image-clusters.ts';
import { startCorrection } from './start-correction.ts';
import { synsetImageCount, type Synset } from './synset.ts';
import { writeSynsetArtifact } from './synset-artifact.ts';

/** Real images that show what a cluster is. */
const EXAMPLES = 6;
/** Share of the run's time that gradients take, roughly. */
const GRADIENTS = 0.2;

const NO_CHECKPOINTS =
  'Nothing is kept of this model’s training but its end, so gradients are matched there alone. Train with --checkpoints to match them along the way.';

interface Checkpoint {
  /** null: not known. */
  readonly epochs: number | null;
  readonly parameters: Float32Array;
}

export async function distilRun(
  folder: ProjectFolder,
  config: DistilConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const started = performance.now();
  const model = await loadModel(
    folder,
    pinModel(connection, context.runId, config.modelId),
    context,
    tools.readPixels,
  );
  try {
    requireSameData(connection, context.runId, dataHashOf(model));
    const done = findSynsetOfRun(connection, context.runId);
    if (done !== null) return { synsetId: done.id, clusters: done.clusterCount };
    await tools.settleProvider?.({ network: model.classifier, parameters: model.parameters });
    return await distilModel({ folder, config, context, tools, model }, started);
  } finally {
    model.pixels.close();
  }
}

interface DistilWork {
  readonly folder: ProjectFolder;
  readonly config: DistilConfig;
  readonly context: RunContext;
  readonly tools: ComputeTools;
  readonly model: LoadedModel;
}

async function distilModel(work: DistilWork, started: number): Promise<RunSummary> {
  const { folder, config, context, tools, model } = work;
  const { signal } = context;
  const checkpoints = readCheckpoints(folder, model, config.checkpoints);
  if (checkpoints.length === 1 && config.checkpoints > 1)
    addRunNotes(folder.connection, context.runId, [NO_CHECKPOINTS]);
  context.progress('Clustering images', 0);
  const clusters = await clusterImages(tools.executor, { ...model, signal }, model.learned, config);
  const cache = join(folder.cachePath, 'distilling', String(context.runId));
  mkdirSync(cache, { recursive: true });
  const beginning = partOf(context, 0, GRADIENTS);
  const { gradients, likenesses } = await gradientsOf(cache, model, clusters, checkpoints, beginning, tools);
  const part = partOf(context, GRADIENTS, 1);
  const { images, scales, ...found } = await distil(tools.executor, {
    ...taskOf(config, model, clusters, checkpoints, gradients),
    ...statesIn(cache),
    signal,
    onProgress: (fraction, distance) => part.progress('Matching gradients', fraction, { distance }),
  });
  const { classes, sizes } = clusters;
  const synset = { imagesPerCluster: config.imagesPerCluster, classes, sizes, images, scales };
  const artifact = await writeSynset(work, synset, clusters, gradients.at(-1)!, likenesses);
  const matched = found.matched.map((distances, index) => ({
    epochs: checkpoints[index]!.epochs,
    ...distances,
  }));
  const synsetId = saveSynset(folder.connection, {
    ...{ runId: context.runId, modelId: model.id, choices: config, matched, artifact },
    clusterCount: classes.length,
    sampleCount: clusters.assignment.length,
    seconds: (performance.now() - started) / 1000,
  });
  rmSync(cache, { recursive: true, force: true });
  return {
    ...{ synsetId, modelId: model.id, clusters: classes.length, images: synsetImageCount(synset) },
    checkpoints: checkpoints.length,
    distanceBefore: mean(matched.map(({ before }) => before)),
    distanceAfter: mean(matched.map(({ after }) => after)),
  };
}

/** `means`: the clusters' gradients at the model. Answers the file, relative to the project. */
async function writeSynset(
  { folder, context, tools, model }: DistilWork,
  synset: Synset,
  { assignment, middles }: ImageClusters,
  means: Float32Array,
  likenesses: Float32Array,
): Promise<string> {
  const path = join(folder.modelsPath, 'synsets');
  mkdirSync(path, { recursive: true });
  const file = join(path, `${context.runId}.synset`);
  const start = { network: model.classifier, parameters: model.parameters };
  writeSynsetArtifact(file, {
    synset,
    correction: await startCorrection(tools.executor, start, synset, means, context.signal),
    modelSha256: model.parametersSha256,
    sampleIds: model.learned.map(({ sampleId }) => sampleId),
    assignment,
    examples: middles.map((places) =>
      Array.from(places.subarray(0, EXAMPLES), (place) => model.learned[place]!.sampleId),
    ),
    likenesses,
  });
  return relative(folder.path, file);
}

/** The last `count` of the kept ones, the trained model itself the last; only that where none were kept. */
function readCheckpoints(folder: ProjectFolder, model: LoadedModel, count: number): Checkpoint[] {
  const { artifact } = readModel(folder.connection, model.id);
  const path = checkpointsPath(join(folder.path, artifact));
  const kept = readCheckpointList(path) ?? [];
  const before = kept.flatMap(({ epochs, file, sha256 }): Checkpoint[] =>
    file === null ? [] : [{ epochs, parameters: readChecked(join(path, file), sha256) }],
  );
  const end = { epochs: kept.at(-1)?.epochs ?? null, parameters: model.parameters };
  return [...before, end].slice(-count);
}

function taskOf(
  config: DistilConfig,
  model: LoadedModel,
  clusters: ImageClusters,
  checkpoints: readonly Checkpoint[],
  gradients: readonly Float32Array[],
): DistilTask {
  const { imagesPerCluster, iterations, learningRate, distance } = config;
  const rows = Int32Array.from(
    clusters.middles.flatMap((places) =>
      Array.from(
        { length: imagesPerCluster },
        (_, image) => model.learned[places[image % places.length]!]!.row,
      ),
    ),
  );
  const reader = new BatchReader(model.pixels, model.normalization, rows.length);
  return {
    network: model.classifier,
    imagesPerCluster,
    classes: clusters.classes,
    start: reader.read(rows),
    checkpoints: checkpoints.map(({ parameters }) => parameters),
    gradients,
    settings: { iterations, learningRate, distance },
  };
}

/** [C, p] at each checkpoint, and each image's likeness to its cluster at the last; kept in the cache as they are made. */
async function gradientsOf(
  cache: string,
  model: LoadedModel,
  clusters: ImageClusters,
  checkpoints: readonly Checkpoint[],
  { signal, progress }: Pick<RunContext, 'signal' | 'progress'>,
  { executor }: ComputeTools,
): Promise<{ gradients: Float32Array[]; likenesses: Float32Array }> {
  const computer = new ClusterGradients(executor, model, model.learned, clusters);
  const gradients: Float32Array[] = [];
  try {
    for (const [index, { parameters }] of checkpoints.entries()) {
      const stage = `Gradients of the clusters, checkpoint ${index + 1} of ${checkpoints.length}`;
      const onCluster = (done: number): void =>
        progress(stage, (index + done / clusters.sizes.length) / (checkpoints.length + 1));
      const file = join(cache, `gradients-${index}.f32`);
      gradients.push(await kept(file, () => computer.at(parameters, signal, onCluster)));
    }
    progress('Comparing images with their clusters', checkpoints.length / (checkpoints.length + 1));
    const likenesses = await kept(join(cache, 'likenesses.f32'), () =>
      computer.likenesses(checkpoints.at(-1)!.parameters, gradients.at(-1)!, clusters.assignment, signal),
    );
    return { gradients, likenesses };
  } finally {
    await computer.dispose();
  }
}

async function kept(file: string, make: () => Promise<Float32Array>): Promise<Float32Array> {
  const found = readVectorFile(file, z.null());
  if (found !== null) return found.vectors[0]!;
  const values = await make();
  writeVectorFile(file, null, [values]);
  return values;
}

const StateHeader = z.object({ step: z.number().int() });

/** Where each group of clusters stands, in a file of its own. */
function statesIn(cache: string): Required<Pick<DistilTask, 'onState' | 'kept'>> {
  const file = (group: number): string => join(cache, `group-${group}.state`);
  return {
    onState: ({ group, step, synset, optimizerState, distances }: GroupState) =>
      writeVectorFile(file(group), { step }, [synset, optimizerState, distances]),
    kept: (group) => {
      const found = readVectorFile(file(group), StateHeader);
      if (found === null) return null;
      const [synset, optimizerState, distances] = found.vectors;
      return {
        ...{ group, step: found.header.step },
        ...{ synset: synset!, optimizerState: optimizerState!, distances: distances! },
      };
    },
  };
}
