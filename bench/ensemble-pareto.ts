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

const FEATURES = 1024;
const DAMPINGS = [0.1, 0.3, 1, 3];
/** Bootstrap deviations of the difference within which an ensemble counts as reaching one of independent models. */
const INTERVAL = 1.96;

/** Adapters of one model resemble each other unless they are taken far from it. */
const ADAPTERS = { ensemble: 'lora', adapterRank: 16, adapterEpochs: 3, adapterLearningRate: 0.02 } as const;

/** More than the models were trained with: their residuals are near 0 on what they learned, and only strong masks bring them back. */
const RATE = 0.3;

const arms: Readonly<Record<string, Arm>> = {
  'independent 1': { ensemble: 'independent', models: 1 },
  'independent 3': { ensemble: 'independent', models: 3 },
  'independent 5': { ensemble: 'independent', models: 5 },
  'independent 10': { ensemble: 'independent', models: 10 },
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
  'lora 1 × 16': { ...ADAPTERS, models: 1, variants: 16 },
  'lora 1 × 16, fewer and larger steps': {
    ...{ ...ADAPTERS, adapterEpochs: 2, adapterLearningRate: 0.03 },
    ...{ models: 1, variants: 16 },
  },
  'lora 1 × 16, a quarter of the features': { ...ADAPTERS, models: 1, variants: 16, projectionSize: 256 },
  'lora 2 × 16': { ...ADAPTERS, models: 2, variants: 16 },
  'lora 3 × 16': { ...ADAPTERS, models: 3, variants: 16 },
  'lora 3 × 16, a quarter of the features': { ...ADAPTERS, models: 3, variants: 16, projectionSize: 256 },
  'lora 3 × 5, small steps': { ...ADAPTERS, models: 3, variants: 5, adapterLearningRate: 0.001 },
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
const quickArms = [
  ...['independent 1', 'independent 3', 'independent 10'],
  ...['dropout 1 × 10, p = 0', 'forward-only 3 × 10', 'lora 1 × 16'],
];

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
  const naive = measured.filter(({ arm }) => arm.ensemble === 'independent' && arm.models > 1);
  const rows = measured.map((one) => ({ ...one, match: matchOf(study, one, naive) }));
  const saved = (kind: Arm['ensemble'], of: (cost: AttributionCost) => number): number =>
    rows
      .filter(({ arm }) => arm.ensemble === kind)
      .reduce((most, row) => Math.max(most, savingOf(row, of) ?? 0), 0);
  return {
    figures: {
      ceiling: study.ceiling,
      ...Object.fromEntries(rows.map(({ name, score }) => [name, score])),
      'dropout: training saved': saved('dropout', training),
      'lora: training saved': saved('lora', training),
      'forward-only: serving saved': saved('dropout-forward', serving),
      'lora: feature space saved': saved('lora', space),
      'p = 0, one projection: difference from one model': control,
    },
    goals,
    table: [
      [
        ...['ensemble', 'LDS', '±', 'λ', 'train s', 'cache s', 'serve s', 'models MB', 'features MB'],
        ...['reaches', 'training', 'serving', 'space'],
      ],
      ...rows.map((row) => [
        row.name,
        ...[row.score, row.deviation].map((value) => value.toFixed(3)),
        String(row.relative),
        ...[row.cost.trainSeconds, row.cost.cacheSeconds, row.cost.serveSeconds].map((value) =>
          value.toFixed(1),
        ),
        ...[row.cost.modelBytes, row.cost.featureBytes].map((bytes) => (bytes / 1e6).toFixed(1)),
        row.match?.name ?? '',
        ...[training, serving, space].map((of) => percent(savingOf(row, of))),
      ]),
    ],
  };
}

const training = ({ trainSeconds }: AttributionCost): number => trainSeconds;
const serving = ({ serveSeconds }: AttributionCost): number => serveSeconds;
const space = ({ featureBytes }: AttributionCost): number => featureBytes;

/** The largest ensemble of independent models that this one is not behind of by more than the measurement can tell. */
function matchOf(study: Study, one: Measured, naive: readonly Measured[]): Measured | null {
  if (one.arm.ensemble === 'independent') return null;
  const reached = naive.filter((other) => {
    const spread = study.judge.leadDeviation(one.predicted, other.predicted);
    return one.score - other.score >= -INTERVAL * spread;
  });
  return reached.reduce<Measured | null>(
    (largest, other) => (largest === null || other.arm.models > largest.arm.models ? other : largest),
    null,
  );
}

/** Share of what the ensemble that it reaches takes; negative where it takes more; null where it reaches none. */
function savingOf(
  { cost, match }: Measured & { readonly match: Measured | null },
  of: (cost: AttributionCost) => number,
): number | null {
  return match === null ? null : 1 - of(cost) / of(match.cost);
}

function percent(share: number | null): string {
  return share === null ? '' : `${(100 * share).toFixed(0)} %`;
}
