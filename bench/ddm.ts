/**
 * @file Distilled datamodels on Fashion-MNIST, a small CNN: what a synset foretells of leaving each cluster out, against training again without it, beside mean
 * TRAK scores of the cluster, similarity, and going on from the model on the real images without it; what a query costs; and whether the clusters that it judges
 * useless can go. It is the product's own runs that are measured.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evaluation } from '../src/contract/evaluations-service.ts';
import type { DatamodelAnswer, Synset } from '../src/contract/datamodels-service.ts';
import { listEvaluations } from '../src/engine/storage/evaluations.ts';
import { createProjectFolder, openProjectFolder } from '../src/engine/storage/project-folder.ts';
import { listAnswers, listSynsets } from '../src/engine/storage/synsets.ts';
import type { Bench } from './bench.ts';
import { measureQuality, type Measured, type Quality } from './ddm/data-quality.ts';
import { fashionMissing } from './data/fashion-mnist.ts';
import { finishRuns, writeFashionPart } from './data/fashion-project.ts';
import { cachePath } from './data/cache-path.ts';

interface Size {
  readonly train: number;
  readonly test: number;
  readonly epochs: number;
  readonly clustersPerClass: number;
  readonly iterations: number;
  readonly queryCount: number;
  readonly repeats: number;
}

const full: Size = {
  ...{ train: 5000, test: 2000, epochs: 12, clustersPerClass: 3, iterations: 300, queryCount: 500 },
  repeats: 3,
};
const small: Size = {
  ...{ train: 600, test: 300, epochs: 3, clustersPerClass: 2, iterations: 30, queryCount: 100 },
  repeats: 2,
};

const imageSize = 14;
const fractions = [0.1, 0.2, 0.5];

/** Leads in standard deviations of the lead; a query's share of the time of one training for each cluster; points; accuracy above random removal's. */
const goals = {
  leadOverTrak: 2,
  leadOverSimilarity: 2,
  leadOverRealImages: 2,
  queryShare: { atMost: 0.01 },
  controlPoints: { atMost: 1 },
  ...Object.fromEntries(fractions.map((fraction) => [qualityName(fraction), 0])),
};

function qualityName(fraction: number): string {
  return `above random without ${fraction * 100} %`;
}

export const run: Bench = async ({ quick, seed }) => {
  const missing = fashionMissing();
  if (missing !== null) return { figures: {}, goals, table: [[missing]] };
  const size = quick ? small : full;
  const home = mkdtempSync(join(tmpdir(), 'whence-bench-ddm-'));
  try {
    const path = await runAll(home, size, seed);
    const folder = openProjectFolder(path);
    const evaluations = listEvaluations(folder.connection, null);
    const [answer, synset] = [listAnswers(folder.connection, null)[0]!, listSynsets(folder.connection)[0]!];
    folder.close();
    const measured = await measureQuality(path, answer, fractions, size.repeats, seed);
    return {
      figures: { ...figuresOf(evaluations, answer, synset, measured), ...size, seed },
      goals,
      table: tableOf(evaluations, measured.quality),
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

async function runAll(home: string, size: Size, seed: number): Promise<string> {
  const source = join(home, 'fashion');
  mkdirSync(source);
  await writeFashionPart(source, { prefix: 'train', count: size.train, noise: 0, seed });
  await writeFashionPart(source, { prefix: 't10k', count: size.test, noise: 0, seed });
  const path = join(home, 'fashion.whence');
  keepRetrainings(path);
  const { epochs, clustersPerClass, iterations, queryCount, repeats } = size;
  const training = { architecture: 'cnn', imageSize, epochs, folds: 0, validationShare: 0, checkpoints: 6 };
  await finishRuns(path, [
    { kind: 'import', config: { sourcePath: source } },
    { kind: 'train', config: { ...training, seed } },
    { kind: 'distil', config: { clustersPerClass, iterations, seed } },
    { kind: 'query-datamodel', config: { queryCount, seed } },
    { kind: 'evaluate-ddm', config: { method: 'trak', queryCount, repeats, seed } },
  ]);
  return path;
}

/** Trainings are kept from one run of the bench to the next: they depend on nothing that is measured. */
function keepRetrainings(path: string): void {
  const folder = createProjectFolder(path);
  const kept = join(cachePath, 'retrainings');
  mkdirSync(kept, { recursive: true });
  symlinkSync(kept, join(folder.cachePath, 'retrainings'));
  folder.close();
}

function figuresOf(
  evaluations: readonly Evaluation[],
  answer: DatamodelAnswer,
  synset: Synset,
  { trainingSeconds, quality }: Measured,
): Record<string, number> {
  const [own, sums, means, similarity, real] = evaluations as [
    Evaluation,
    Evaluation,
    Evaluation,
    Evaluation,
    Evaluation,
  ];
  const clusters = own.figures['clusters']!;
  // One training without each cluster.
  const once = trainingSeconds * (clusters - 1);
  return {
    correlation: own.score,
    deviation: own.deviation!,
    ceiling: own.ceiling!,
    correlationOfMeans: own.figures['correlation of mean effects']!,
    trakSum: sums.score,
    trakMean: means.score,
    similarity: similarity.score,
    realImages: real.score,
    leadOverTrak: Math.min(leadOf(sums), leadOf(means)),
    leadOverSimilarity: leadOf(similarity),
    leadOverRealImages: leadOf(real),
    clusters,
    querySeconds: answer.seconds,
    retrainingSecondsOnce: once,
    queryShare: answer.seconds / once,
    distilSeconds: synset.seconds,
    controlPoints: 100 * Math.abs(answer.controlAccuracy - answer.modelAccuracy),
    modelAccuracy: answer.modelAccuracy,
    ...Object.fromEntries(
      quality.map(({ fraction, chosen, random }) => [qualityName(fraction), chosen.mean - random.mean]),
    ),
  };
}

/** In standard deviations over resampled clusters. */
function leadOf({ figures }: Evaluation): number {
  return figures['lead of the synset']! / figures['lead deviation']!;
}

function tableOf(evaluations: readonly Evaluation[], quality: readonly Quality[]): string[][] {
  const rows = evaluations.map(({ title, score, deviation, ceiling, chance, figures, cost }) => [
    title,
    `${score.toFixed(3)} ± ${deviation!.toFixed(3)}`,
    figures['correlation of mean effects']!.toFixed(3),
    ceiling!.toFixed(3),
    chance!.mean.toFixed(3),
    cost === null ? '' : cost.serveSeconds.toFixed(1),
  ]);
  const cell = ({ mean, deviation }: Quality['chosen']): string =>
    `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
  return [
    ['foretold by', 'correlation over clusters', 'of mean effects', 'ceiling', 'chance', 'seconds to ask'],
    ...rows,
    ...quality.map(({ fraction, chosen, random }) => [
      `accuracy without the ${fraction * 100} % least useful clusters`,
      cell(chosen),
      'random clusters',
      cell(random),
      '',
      '',
    ]),
  ];
}
