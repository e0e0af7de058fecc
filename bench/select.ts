/**
 * @file Choosing 30 % of Fashion-MNIST to train on, clean and with 10 % of the labels changed to another class at random: every strategy
 * beside random subsets of the same size and balance, each trained on with three seeds. It is the product's own run that is measured.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SelectionStrategy } from '../src/contract/selection-config.ts';
import type { Evaluation } from '../src/contract/evaluations-service.ts';
import { strategyWords } from '../src/contract/strategy-words.ts';
import { listEvaluations } from '../src/engine/storage/evaluations.ts';
import { createProjectFolder, openProjectFolder } from '../src/engine/storage/project-folder.ts';
import type { Bench } from './bench.ts';
import { fashionMissing } from './data/fashion-mnist.ts';
import { finishRuns, writeFashionPart } from './data/fashion-project.ts';

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
    await writeFashionPart(source, { prefix: 'train', count: size.train, noise, seed });
    await writeFashionPart(source, { prefix: 't10k', count: size.test, noise: 0, seed });
    const path = join(home, 'fashion.whence');
    createProjectFolder(path).close();
    // A synset is judged by the bench `ddm`.
    const strategies = SelectionStrategy.options.filter((strategy) => strategy !== 'synset');
    const choices = { share: SHARE, repeats: size.repeats, seed, strategies };
    await finishRuns(path, [
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
