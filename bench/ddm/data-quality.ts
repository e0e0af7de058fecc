/** @file Whether the clusters that a datamodel judges least useful can go: accuracy after training without them, beside as many random clusters. */
import { Random } from '../../src/core/base/random.ts';
import { deviation, mean } from '../../src/core/linalg/ranks.ts';
import type { DatamodelAnswer } from '../../src/contract/datamodels-service.ts';
import type { RunId } from '../../src/contract/vocabulary.ts';
import { loadModel, type LabelledRow, type LoadedModel } from '../../src/engine/attributing/loaded-model.ts';
import { leastUsefulFirst } from '../../src/engine/distilling/least-useful-first.ts';
import { weightDecayOf } from '../../src/engine/distilling/weight-decay.ts';
import { readSynsetArtifact } from '../../src/engine/distilling/synset-artifact.ts';
import { drawQueries, queryCandidates } from '../../src/engine/evaluating/draw-queries.ts';
import {
  openRetraining,
  retrain,
  retrainAndPredict,
  type RetrainWork,
} from '../../src/engine/evaluating/retrain.ts';
import { readPixels } from '../../src/engine/images/sample-pixels.ts';
import { createOrtExecutor } from '../../src/engine/runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../../src/engine/runtime/ort-matrix-engine.ts';
import { probeCpuProfile } from '../../src/engine/runtime/probe-blocks.ts';
import { openProjectFolder } from '../../src/engine/storage/project-folder.ts';
import { readSynset } from '../../src/engine/storage/synsets.ts';
import { evaluate } from '../../src/engine/training/predict.ts';

interface Accuracy {
  readonly mean: number;
  /** Over training seeds. */
  readonly deviation: number;
}

/** What training again takes, and what it shows of the clusters. */
export interface Measured {
  /** Of one training on all images. */
  readonly trainingSeconds: number;
  readonly quality: readonly Quality[];
}

export interface Quality {
  /** Share of the clusters that go. */
  readonly fraction: number;
  readonly chosen: Accuracy;
  readonly random: Accuracy;
}

/** Accuracy is measured on images that were not asked about when the clusters were judged. */
export async function measureQuality(
  path: string,
  answer: DatamodelAnswer,
  fractions: readonly number[],
  repeats: number,
  seed: number,
): Promise<Measured> {
  const folder = openProjectFolder(path);
  const { signal } = new AbortController();
  const context = { runId: 1 as RunId, signal, progress: () => undefined };
  const model = await loadModel(folder, answer.modelId, context, (ids, layout) =>
    readPixels(folder, ids, layout, signal),
  );
  const executor = createOrtExecutor({ cpuProfile: await probeCpuProfile() });
  const work = openRetraining(folder, model, { executor }, signal);
  try {
    const { artifact } = readSynset(folder.connection, answer.synsetId);
    const synset = readSynsetArtifact(folder, artifact);
    const asked = drawQueries(model, answer.queryCount, answer.choices.seed);
    const training = { ...answer.choices, weightDecay: weightDecayOf(folder, model) };
    const matrixEngine = createOrtMatrixEngine();
    const order = await leastUsefulFirst(
      { executor, matrixEngine },
      { model, artifact: synset, training, asked, share: Math.max(...fractions) },
    );
    await matrixEngine.dispose();
    const accuracy = makeAccuracy(work, model, synset.assignment, asked);
    const clusterCount = synset.synset.sizes.length;
    const started = performance.now();
    await retrain(work, { rows: Int32Array.from(model.learned, ({ row }) => row), stream: 'timed' });
    const trainingSeconds = (performance.now() - started) / 1000;
    const found: Quality[] = [];
    for (const fraction of fractions) {
      const count = Math.round(fraction * clusterCount);
      const [chosen, random]: [number[], number[]] = [[], []];
      for (let repeat = 0; repeat < repeats; repeat++) {
        const drawn = new Random(seed, `bench/random clusters/${fraction}/${repeat}`).permutation(
          clusterCount,
        );
        chosen.push(await accuracy(order.slice(0, count), repeat));
        random.push(await accuracy([...drawn.subarray(0, count)], repeat));
      }
      found.push({ fraction, chosen: summary(chosen), random: summary(random) });
    }
    return { trainingSeconds, quality: found };
  } finally {
    await work.sessions.dispose();
    model.pixels.close();
    folder.close();
  }
}

function makeAccuracy(
  work: RetrainWork,
  model: LoadedModel,
  assignment: Int32Array,
  queries: readonly LabelledRow[],
): (without: readonly number[], repeat: number) => Promise<number> {
  const asked = new Set(queries.map(({ row }) => row));
  const others = queryCandidates(model).filter(({ row }) => !asked.has(row));
  const rows = Int32Array.from(others, ({ row }) => row);
  const classes = others.map(({ classIndex }) => classIndex);
  return async (without, repeat) => {
    const gone = new Set(without);
    const kept = model.learned.filter((_, place) => !gone.has(assignment[place]!));
    const retraining = {
      rows: Int32Array.from(kept, ({ row }) => row),
      stream: `data quality, repeat ${repeat}`,
    };
    const logits = await retrainAndPredict(work, retraining, rows);
    return evaluate(logits, classes, model.classIds.length).accuracy;
  };
}

function summary(values: readonly number[]): Accuracy {
  return { mean: mean(values), deviation: deviation(values) };
}
