/**
 * @file Finding planted label errors (METHODS §6.8, §7.1), a tenth of the labels changed: self-influence of ten TRAK models on an MLP;
 * every signal and their combination on a CNN, with uniform and with class-dependent errors, against confident learning alone.
 */
import { combineEvidence } from '../src/core/curation/combine-evidence.ts';
import { labelSignalNames, type LabelSignals } from '../src/core/curation/label-signals.ts';
import { calibrationOf } from '../src/core/evaluation/calibration.ts';
import { areaUnderRoc, precisionAt } from '../src/core/evaluation/detection.ts';
import type { Executor } from '../src/core/execution/executor.ts';
import type { MatrixEngine } from '../src/core/linalg/matrix-engine.ts';
import { deviation, mean } from '../src/core/linalg/ranks.ts';
import { TrainConfig } from '../src/contract/runs-service.ts';
import { trainOnPlanted } from '../src/engine/evaluating/planted-training.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import type { Bench } from './bench.ts';
import { studySets } from './data/study-images.ts';
import { readPlantedSet, studyCnn, type Noise, type PlantedSet } from './mislabel/planted-set.ts';
import { trakSelfInfluence, type TrakRecipe } from './mislabel/trak-ensemble.ts';

const noises: readonly Noise[] = ['uniform', 'class-dependent'];
const FOLDS = 5;
const TRAK_MODELS = 10;

/**
 * Stopped before wrong labels are known by heart, and with rows nearly as long as there are images: in short ones the gradient of a rare image that is
 * labelled well stands out more than that of a common one that is not.
 */
function earlyTrak(images: number): TrakRecipe {
  return { models: TRAK_MODELS, epochs: 10, projectionSize: 0.8 * images, relativeDamping: 1e-4 };
}

/** As the dattri benchmark trains and projects. */
const LATE_TRAK: TrakRecipe = { models: TRAK_MODELS, epochs: 50, projectionSize: 512, relativeDamping: 0.1 };

interface Tools {
  readonly executor: Executor;
  readonly engine: MatrixEngine;
}

export const run: Bench = async ({ quick, seed }) => {
  const tools = { executor: createOrtExecutor(), engine: createOrtMatrixEngine() };
  const seeds = quick ? [seed] : [seed, seed + 1, seed + 2];
  const sizes = quick ? { train: 500, queries: 300 } : { train: 2000, queries: 1000 };
  const figures: Record<string, number> = { seeds: seeds.length, 'CNN images': sizes.train };
  const goals: Record<string, number> = {};
  const table: string[][] = [['images', 'errors', 'signal', 'AUROC', 'precision at the number of errors']];
  for (const set of studySets) {
    const trainCount = quick ? 1000 : 5000;
    const planted = await readPlantedSet(
      tools.executor,
      set,
      'uniform',
      { train: trainCount, queries: 1 },
      seed,
    );
    const early = await trakSelfInfluence(tools, planted, earlyTrak(trainCount), seed);
    const late = await trakSelfInfluence(tools, planted, LATE_TRAK, seed);
    for (const [name, scores] of [
      [`TRAK-${TRAK_MODELS}`, early.ensemble] as const,
      ['TRAK-1', early.single] as const,
      [`residuals of ${TRAK_MODELS} alone`, early.residuals] as const,
      [`TRAK-${TRAK_MODELS}, 50 epochs, rows of 512`, late.ensemble] as const,
    ]) {
      const found = detectionOf(scores, planted);
      figures[`${set}: ${name} on the MLP`] = found.area;
      table.push([`${set}, ${trainCount}`, 'uniform', `self-influence, MLP, ${name}`, ...cells([found])]);
    }
    for (const noise of noises) {
      const results = [];
      for (const one of seeds)
        results.push(await compare(tools, await readPlantedSet(tools.executor, set, noise, sizes, one), one));
      for (const name of Object.keys(results[0]!.detections))
        table.push([
          `${set}, ${sizes.train}`,
          noise,
          name,
          ...cells(results.map(({ detections }) => detections[name]!)),
        ]);
      const leads = results.map((result) => result.lead);
      const name = `${set}, ${noise}`;
      figures[`${name}: combination`] = mean(results.map((result) => result.detections['combination']!.area));
      figures[`${name}: lead over confident learning`] = mean(leads);
      figures[`${name}: lead beyond its spread`] = mean(leads) - deviation(leads);
      figures[`${name}: calibration error`] = mean(results.map((result) => result.calibrationError));
      goals[`${name}: lead beyond its spread`] = 0;
    }
  }
  goals[`mnist: TRAK-${TRAK_MODELS} on the MLP`] = 0.99;
  await tools.engine.dispose();
  return { figures, goals, table };
};

interface Detection {
  readonly area: number;
  readonly precision: number;
}

function detectionOf(scores: Float64Array, { planted }: PlantedSet): Detection {
  return { area: areaUnderRoc(scores, planted), precision: precisionAt(scores, planted) };
}

function cells(found: readonly Detection[]): [string, string] {
  const cell = (values: number[]): string =>
    values.length === 1
      ? values[0]!.toFixed(4)
      : `${mean(values).toFixed(4)} ± ${deviation(values).toFixed(4)}`;
  return [cell(found.map(({ area }) => area)), cell(found.map(({ precision }) => precision))];
}

interface Comparison {
  readonly detections: Readonly<Record<string, Detection>>;
  /** Of the combination's area over that of the best ranking by out-of-sample probabilities alone. */
  readonly lead: number;
  readonly calibrationError: number;
}

async function compare({ executor, engine }: Tools, set: PlantedSet, seed: number): Promise<Comparison> {
  const { images, labels } = set;
  const settings = TrainConfig.parse({ seed });
  const { signals } = await trainOnPlanted({
    executor,
    matrixEngine: engine,
    recipe: { network: studyCnn(), origin: 'bench', settings, epochs: settings.epochs },
    model: images,
    learned: { rows: images.trainRows, labels },
    foldCount: FOLDS,
    path: null,
  });
  const { probabilities } = combineEvidence(signals);
  const combination = detectionOf(probabilities, set);
  const detections: Record<string, Detection> = { ...detectionsOf(signals, set), combination };
  const alone = (['self-confidence', 'normalized-margin', 'confident-learning'] as const).map(
    (name) => detections[name]!.area,
  );
  return {
    detections,
    lead: combination.area - Math.max(...alone),
    calibrationError: calibrationOf(probabilities, set.planted).error,
  };
}

function detectionsOf(signals: LabelSignals, set: PlantedSet): Record<string, Detection> {
  const there = labelSignalNames.filter((name) => signals[name] !== undefined);
  return Object.fromEntries(there.map((name) => [name, detectionOf(signals[name]!, set)]));
}
