/**
 * @file Published figures of attribution by embeddings, computed again: LeNets on 480 MNIST digits with 100 queries, cosine of the second to
 * last layer, from the tests of quanda (MIT). The models come in through the importer, the scores from the product's own embeddings.
 */
import { readModel } from '../src/core/onnx/read-model.ts';
import { identityPreconditioner } from '../src/core/attribution/preconditioner.ts';
import { predictSubsetOutputs } from '../src/core/evaluation/linear-datamodeling-score.ts';
import { plainMatrixEngine } from '../src/core/linalg/matrix-engine.ts';
import type { Matrix } from '../src/core/linalg/matrix.ts';
import { mean } from '../src/core/linalg/ranks.ts';
import { unitRows } from '../src/core/linalg/unit-rows.ts';
import { prepareImage } from '../src/engine/images/decode.ts';
import { fileNetwork } from '../src/engine/modelling/file-network.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import { memoryPixels, type PixelSource } from '../src/engine/training/pixel-source.ts';
import { indexOfLargest, predictRows, type Predictions } from '../src/engine/training/predict.ts';
import type { Bench, BenchResult } from './bench.ts';
import { archiveMissing, fileOf, readArchive, type ArchiveFiles } from './data/reference-archive.ts';

const ARCHIVE = 'quanda-mnist.tgz';
const SIDE = 28;
const CLASSES = 10;
const SUBSETS = 5;
const TOP = 5;

const published = { classDetection: 0.39, topCardinality: 0.558, subsetCorrelation: 0.212 };
/** The published figures have three digits. */
const goals = { largestDifference: { atMost: 0.0005 } };

export const run: Bench = async () => {
  const missing = archiveMissing(ARCHIVE);
  if (missing !== null) return { figures: {}, goals, table: [[missing]] };
  return compare(readArchive(ARCHIVE));
};

async function compare(files: ArchiveFiles): Promise<BenchResult> {
  const train = await readImages(files, 'train/');
  const queries = await readImages(files, 'test/');
  const main = await openModel(files, 'main.onnx', train, queries);
  const figures = {
    classDetection: mean(
      main.classes.map((own, query) => (train.labels[strongest(main.scores, query, 1)[0]!] === own ? 1 : 0)),
    ),
    topCardinality: cardinality(main.scores),
    subsetCorrelation: await subsetCorrelation(files, train, queries),
  };
  const rows = Object.entries(published).map(([name, value]) => {
    const found = figures[name as keyof typeof published];
    return { name, value, found, difference: Math.abs(found - value) };
  });
  return {
    figures: { ...figures, largestDifference: Math.max(...rows.map(({ difference }) => difference)) },
    goals,
    table: [
      ['', 'here', 'published'],
      ...rows.map(({ name, value, found }) => [name, found.toFixed(4), value.toFixed(4)]),
    ],
  };
}

interface Images {
  readonly pixels: PixelSource;
  /** From the file names, …_y4.png. */
  readonly labels: readonly number[];
}

async function readImages(files: ArchiveFiles, folder: string): Promise<Images> {
  const names = [...files.keys()].filter((name) => name.startsWith(folder)).sort();
  const images = await Promise.all(
    names.map((name) => prepareImage(fileOf(files, name)).pipeline().greyscale().raw().toBuffer()),
  );
  return {
    pixels: memoryPixels(Buffer.concat(images), 1, SIDE),
    labels: names.map((name) => Number(/_y(\d)\.png$/.exec(name)![1])),
  };
}

interface OpenedModel {
  /** Cosines of embeddings, [queries, train]. */
  readonly scores: Matrix;
  /** What the model takes each query for. */
  readonly classes: readonly number[];
}

async function openModel(
  files: ArchiveFiles,
  name: string,
  train: Images,
  queries: Images,
): Promise<OpenedModel> {
  const [seen, asked] = [await predict(files, name, train), await predict(files, name, queries)];
  const engine = plainMatrixEngine;
  const prepared = await identityPreconditioner(engine).prepare(unitRows(asked.embedding));
  return {
    scores: await prepared.scores(unitRows(seen.embedding), 0),
    classes: queries.labels.map((_, query) => indexOfLargest(logitsOf(asked, query))),
  };
}

function predict(files: ArchiveFiles, name: string, { pixels, labels }: Images): Promise<Predictions> {
  const model = readModel(fileOf(files, name));
  const classifier = fileNetwork(model, {
    ...{ file: name, channels: 1, imageSize: SIDE, layout: 'nchw', input: 'input', output: 'logits' },
    ...{ outputKind: 'logits', embedding: 'fc_2', columns: null, newHead: null, loraRank: null },
    trained: [],
  });
  return predictRows(createOrtExecutor({ threads: 1 }), {
    classifier,
    parameters: classifier.initialParameters(0),
    pixels,
    normalization: { means: [0.5], deviations: [0.5] },
    rows: Int32Array.from(labels, (_, row) => row),
    withEmbedding: true,
  });
}

function logitsOf({ logits }: Predictions, query: number): Float32Array {
  return logits.subarray(query * CLASSES, (query + 1) * CLASSES);
}

/** Training images with the highest scores for a query. */
function strongest({ data, columns }: Matrix, query: number, count: number): number[] {
  const own = data.subarray(query * columns, (query + 1) * columns);
  return Array.from(own.keys())
    .sort((a, b) => own[b]! - own[a]!)
    .slice(0, count);
}

/** Share of different images among the strongest of all queries. */
function cardinality(scores: Matrix): number {
  const found = Array.from({ length: scores.rows }, (_, query) => strongest(scores, query, TOP)).flat();
  return new Set(found).size / found.length;
}

/** Mean over queries of Kendall's τ between the sum of a subset's scores and log p of the explained class by the model trained on it. */
async function subsetCorrelation(files: ArchiveFiles, train: Images, queries: Images): Promise<number> {
  const main = await openModel(files, 'lds_main.onnx', train, queries);
  const subsets = JSON.parse(fileOf(files, 'lds_subsets.json').toString()) as number[][];
  const masks = subsets.map((subset) => {
    const mask = new Uint8Array(train.labels.length);
    for (const image of subset) mask[image] = 1;
    return mask;
  });
  const predicted = await predictSubsetOutputs(main.scores, masks, plainMatrixEngine);
  const measured: number[][] = [];
  for (let subset = 0; subset < SUBSETS; subset++) {
    const found = await predict(files, `lds_subset_${subset}.onnx`, queries);
    measured.push(main.classes.map((own, query) => logProbability(logitsOf(found, query), own)));
  }
  const taus = main.classes.map((_, query) =>
    kendall(
      masks.map((_, subset) => predicted.data[subset * predicted.columns + query]!),
      measured.map((row) => row[query]!),
    ),
  );
  return mean(taus);
}

function logProbability(logits: Float32Array, own: number): number {
  const largest = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return logits[own]! - largest - Math.log(total);
}

/** τ without ties: concordant minus discordant pairs over all pairs. */
function kendall(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let first = 0; first < a.length; first++)
    for (let second = 0; second < first; second++)
      sum += Math.sign(a[first]! - a[second]!) * Math.sign(b[first]! - b[second]!);
  return sum / ((a.length * (a.length - 1)) / 2);
}
