/**
 * @file What cheap ensembles reach of what models trained apart reach, and what both take: the MNIST-MLP of bench lds-mlp with its ground
 * truth, which is kept. Members and features are made anew in every run, so that all seconds are those of one machine in one state.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Matrix } from '../src/core/linalg/matrix.ts';
import type { AttributionChoices, AttributionCost } from '../src/contract/attribution-choices.ts';
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import type { Bench } from './bench.ts';
import { runEnsemble } from './lds/ensembles.ts';
import { mlpRecipe } from './lds/recipes.ts';
import { openStudy, type EnsembleStudySizes, type Judgement, type Study } from './lds/study.ts';

type Arm = Partial<AttributionChoices> & Pick<AttributionChoices, 'ensemble' | 'models'>;

const REFERENCE = 'independent 10';
const FEATURES = 1024;
const DAMPINGS = [0.3, 1, 3, 10];
/** Bootstrap deviations of the difference within which an ensemble counts as reaching the reference. */
const INTERVAL = 1.96;

/** More than the models were trained with: their residuals are near 0 on what they learned, and only strong masks bring them back. */
const RATE = 0.3;

const arms: Readonly<Record<string, Arm>> = {
  'independent 1': { ensemble: 'independent', models: 1 },
  'independent 3': { ensemble: 'independent', models: 3 },
  'independent 5': { ensemble: 'independent', models: 5 },
  [REFERENCE]: { ensemble: 'independent', models: 10 },
  'dropout 1 × 10': { ensemble: 'dropout', models: 1, variants: 10, dropoutRate: RATE },
  'dropout 2 × 10': { ensemble: 'dropout', models: 2, variants: 10, dropoutRate: RATE },
  'dropout 3 × 5': { ensemble: 'dropout', models: 3, variants: 5, dropoutRate: RATE },
  'dropout 3 × 10': { ensemble: 'dropout', models: 3, variants: 10, dropoutRate: RATE },
  'dropout 3 × 5, p = 0.1': { ensemble: 'dropout', models: 3, variants: 5, dropoutRate: 0.1 },
  'dropout 3 × 5, a mask per image': {
    ...{ ensemble: 'dropout', models: 3, variants: 5, dropoutRate: RATE },
    maskMode: 'per-sample',
  },
  'dropout 1 × 10, p = 0': { ensemble: 'dropout', models: 1, variants: 10, dropoutRate: 0 },
  'forward-only 3 × 10': { ensemble: 'dropout-forward', models: 3, variants: 10, dropoutRate: RATE },
  'forward-only 5 × 10': { ensemble: 'dropout-forward', models: 5, variants: 10, dropoutRate: RATE },
  'forward-only 3 × 10, p = 0.1': { ensemble: 'dropout-forward', models: 3, variants: 10, dropoutRate: 0.1 },
  'lora 1 × 5': { ensemble: 'lora', models: 1, variants: 5 },
  'lora 3 × 5': { ensemble: 'lora', models: 3, variants: 5 },
};

const goals = {
  'dropout: training saved': 0.6,
  'lora: training saved': 0.6,
  'forward-only: serving saved': 0.4,
  'lora: feature space saved': 0.6,
  'p = 0, one projection: difference from one model': { atMost: 0 },
};

const fullSizes = { train: 5000, queries: 500, subsets: 100, repeats: 2, members: 1 };
const quickSizes = { train: 1000, queries: 100, subsets: 12, repeats: 2, members: 1 };
const quickArms = ['independent 1', REFERENCE, 'dropout 1 × 10, p = 0', 'forward-only 3 × 10', 'lora 1 × 5'];

interface Measured extends Judgement {
  readonly name: string;
  readonly arm: Arm;
  readonly relative: number;
  readonly predicted: Matrix;
  readonly cost: AttributionCost;
}

export const run: Bench = async ({ quick, seed }) => {
  const sizes: EnsembleStudySizes = quick ? quickSizes : fullSizes;
  const study = await openStudy('mnist', mlpRecipe, sizes, seed);
  const engine = createOrtMatrixEngine();
  const folder = mkdtempSync(path.join(tmpdir(), 'whence-ensembles-'));
  const measured: Measured[] = [];
  try {
    for (const [name, arm] of Object.entries(arms))
      if (!quick || quickArms.includes(name)) measured.push(await measure(study, name, arm));
    return report(study, measured, await controlDifference(study));
  } finally {
    await engine.dispose();
    rmSync(folder, { recursive: true });
  }

  async function measure(world: Study, name: string, arm: Arm): Promise<Measured> {
    const { trials, cost } = await runEnsemble(
      world,
      folder,
      { projectionSize: FEATURES, seed, ...arm },
      DAMPINGS,
      engine,
    );
    const best = trials.reduce((a, b) =>
      world.judge.tuningScore(b.predicted) > world.judge.tuningScore(a.predicted) ? b : a,
    );
    return { name, arm, cost, ...best, ...world.judge.judge(best.predicted) };
  }

  /** Without dropped units and under one projection, members of one model are the model: the same bits. */
  async function controlDifference(world: Study): Promise<number> {
    const common = { projectionSize: FEATURES, seed, models: 1, projectionSeeds: 'shared' } as const;
    const predicted = async (arm: Arm): Promise<Float64Array> => {
      const { trials } = await runEnsemble(world, folder, { ...common, ...arm }, [1], engine);
      return Float64Array.from(trials[0]!.predicted.data);
    };
    const alone = await predicted({ ensemble: 'independent', models: 1 });
    const masked = await predicted({ ensemble: 'dropout', models: 1, variants: 3, dropoutRate: 0 });
    return alone.reduce((most, value, at) => Math.max(most, Math.abs(value - masked[at]!)), 0);
  }
};

function report(study: Study, measured: readonly Measured[], control: number) {
  const reference = measured.find(({ name }) => name === REFERENCE)!;
  const rows = measured.map((one) => ({ ...one, ...lead(study, one, reference) }));
  const saved = (kind: Arm['ensemble'], of: (cost: AttributionCost) => number): number =>
    rows
      .filter(({ arm, reaches }) => arm.ensemble === kind && reaches)
      .reduce((most, { cost }) => Math.max(most, 1 - of(cost) / of(reference.cost)), 0);
  return {
    figures: {
      ceiling: study.ceiling,
      ...Object.fromEntries(rows.map(({ name, score }) => [name, score])),
      'dropout: training saved': saved('dropout', ({ trainSeconds }) => trainSeconds),
      'lora: training saved': saved('lora', ({ trainSeconds }) => trainSeconds),
      'forward-only: serving saved': saved('dropout-forward', ({ serveSeconds }) => serveSeconds),
      'lora: feature space saved': saved('lora', ({ featureBytes }) => featureBytes),
      'p = 0, one projection: difference from one model': control,
    },
    goals,
    table: [
      [
        'ensemble',
        'LDS',
        '±',
        `lead over ${REFERENCE}`,
        '±',
        'λ',
        'train s',
        'cache s',
        'serve s',
        'models MB',
        'features MB',
      ],
      ...rows.map(({ name, score, deviation, difference, spread, relative, cost }) => [
        name,
        ...[score, deviation, difference, spread].map((value) => value.toFixed(3)),
        String(relative),
        ...[cost.trainSeconds, cost.cacheSeconds, cost.serveSeconds].map((value) => value.toFixed(1)),
        ...[cost.modelBytes, cost.featureBytes].map((bytes) => (bytes / 1e6).toFixed(1)),
      ]),
    ],
  };
}

/** By how much an ensemble leads, and whether it is not behind by more than the measurement can tell. */
function lead(study: Study, one: Measured, reference: Measured) {
  const difference = one.score - reference.score;
  const spread = study.judge.leadDeviation(one.predicted, reference.predicted);
  return { difference, spread, reaches: difference >= -INTERVAL * spread };
}
