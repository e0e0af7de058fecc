/**
 * @file Choosing 30 % of Fashion-MNIST to train on, clean and with 10 % of the labels changed to another class at random: every strategy
 * beside random subsets of the same size and balance, each trained on with three seeds. It is the product's own run that is measured.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../src/core/base/random.ts';
import { RunRequest, type Run } from '../src/contract/runs-service.ts';
import { SelectionStrategy } from '../src/contract/selection-config.ts';
import type { Evaluation } from '../src/contract/evaluations-service.ts';
import { strategyWords } from '../src/contract/strategy-words.ts';
import { readIdxPair } from '../src/engine/formats/idx.ts';
import { RunQueue } from '../src/engine/runs/run-queue.ts';
import { listEvaluations } from '../src/engine/storage/evaluations.ts';
import { createProjectFolder, openProjectFolder } from '../src/engine/storage/project-folder.ts';
import { readRun } from '../src/engine/storage/runs.ts';
import { encodeIdx } from '../testing/idx-writer.ts';
import type { Bench } from './bench.ts';
import { fashionClassCount, fashionFolder, fashionMissing } from './data/fashion-mnist.ts';

const SHARE = 0.3;
const NOISE = 0.1;

interface Size {
  readonly train: number;
  readonly test: number;
  readonly repeats: number;
}

/** Distance of the best strategy from random, in standard deviations of random: beyond 1 it is outside its spread. */
const goals = { noisyBestGap: 1, cleanBestGap: 1 };

export const run: Bench = async ({ quick, seed }) => {
  const missing = fashionMissing();
  if (missing !== null) return { figures: {}, goals, table: [[missing]] };
  const size = quick ? { train: 1500, test: 500, repeats: 2 } : { train: 5000, test: 2000, repeats: 3 };
  const noisy = await compare(size, NOISE, seed);
  const clean = await compare(size, 0, seed);
  return {
    figures: { ...figuresOf('noisy', noisy), ...figuresOf('clean', clean), ...size, share: SHARE },
    goals,
    table: [
      ['labels', 'strategy', 'accuracy', 'other end of the ranking', 'over random'],
      ...rowsOf('10 % wrong', noisy),
      ...rowsOf('as they are', clean),
    ],
  };
};

/** Import, train, compare; the stored evaluations, random last. */
async function compare(size: Size, noise: number, seed: number): Promise<Evaluation[]> {
  const home = mkdtempSync(join(tmpdir(), 'whence-bench-select-'));
  try {
    const source = join(home, 'fashion');
    mkdirSync(source);
    await writePair(source, 'train', size.train, noise, seed);
    await writePair(source, 't10k', size.test, 0, seed);
    const path = join(home, 'fashion.whence');
    createProjectFolder(path).close();
    const choices = { share: SHARE, repeats: size.repeats, seed, strategies: SelectionStrategy.options };
    await finish(path, [
      { kind: 'import', config: { sourcePath: source } },
      { kind: 'train', config: { architecture: 'mlp', seed } },
      { kind: 'evaluate-selection', config: choices },
    ]);
    const folder = openProjectFolder(path);
    const evaluations = listEvaluations(folder.connection, null);
    folder.close();
    return evaluations;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function finish(path: string, requests: readonly object[]): Promise<void> {
  const queue = new RunQueue(path);
  const ids = requests.map((request) => queue.start(RunRequest.parse(request)));
  await queue.idle();
  await queue.dispose();
  const folder = openProjectFolder(path);
  const ended: Run[] = ids.map((id) => readRun(folder.connection, id));
  folder.close();
  const failed = ended.find(({ status }) => status !== 'finished');
  if (failed !== undefined) throw new Error(`${failed.kind}: ${failed.error?.message ?? failed.status}`);
}

/** The first images of a seeded order, some of them under another label. */
async function writePair(
  folder: string,
  prefix: 'train' | 't10k',
  count: number,
  noise: number,
  seed: number,
): Promise<void> {
  const pair = await readIdxPair(
    join(fashionFolder, `${prefix}-images-idx3-ubyte.gz`),
    join(fashionFolder, `${prefix}-labels-idx1-ubyte.gz`),
  );
  const area = pair.rows * pair.columns;
  const drawn = new Random(seed, `bench/${prefix}`).permutation(pair.count).subarray(0, count);
  const pixels = new Uint8Array(count * area);
  for (const [place, image] of drawn.entries())
    pixels.set(pair.images.data.subarray(image * area, (image + 1) * area), place * area);
  const labels = Uint8Array.from(drawn, (image) => pair.labels[image]!);
  const random = new Random(seed, 'bench/flips');
  for (const place of random.permutation(count).subarray(0, Math.round(noise * count)))
    labels[place] = (labels[place]! + 1 + random.integer(fashionClassCount - 1)) % fashionClassCount;
  writeFileSync(
    join(folder, `${prefix}-images-idx3-ubyte`),
    encodeIdx([count, pair.rows, pair.columns], pixels),
  );
  writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), encodeIdx([count], labels));
}

function gapOf({ score, chance }: Evaluation): number {
  return (score - chance!.mean) / chance!.deviation;
}

function figuresOf(name: string, evaluations: readonly Evaluation[]): Record<string, number> {
  const random = evaluations.at(-1)!;
  const best = evaluations.slice(0, -1).toSorted((a, b) => b.score - a.score)[0]!;
  return {
    [`${name}Best`]: best.score,
    [`${name}Random`]: random.score,
    [`${name}RandomDeviation`]: random.deviation!,
    [`${name}BestGap`]: gapOf(best),
    [`${name}Everything`]: random.ceiling!,
  };
}

function rowsOf(labels: string, evaluations: readonly Evaluation[]): string[][] {
  const cell = (mean: number, deviation: number): string => `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
  const rows = evaluations.map((evaluation) => {
    const { title, score, deviation, figures } = evaluation;
    const other = figures['accuracy of the other end'];
    return [
      labels,
      title.replace(/, \d+ % of the images/, ''),
      cell(score, deviation!),
      other === undefined ? '' : cell(other, figures['deviation of the other end']!),
      title.startsWith(strategyWords.random.title) ? '' : `${gapOf(evaluation).toFixed(1)} s.d.`,
    ];
  });
  return [...rows, [labels, 'everything', evaluations[0]!.ceiling!.toFixed(4), '', '']];
}
