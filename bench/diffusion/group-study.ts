/**
 * @file What the studies of unlearning share: ten classes of Fashion-MNIST as groups, what queries lose of their evidence under other parameters, models trained again
 * without each group as truth, and models that unlearned each group.
 */
import { chooseSteps, lostEvidence } from '../../src/core/diffusion/evidence-bound.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import { zeros64, type Matrix64 } from '../../src/core/linalg/matrix.ts';
import { quantile } from '../../src/core/linalg/ranks.ts';
import { UnlearningChoices } from '../../src/contract/generation-configs.ts';
import { pixelImages } from '../../src/engine/generating/clean-images.ts';
import { measureErrors } from '../../src/engine/generating/query-errors.ts';
import type { QuerySet } from '../../src/engine/generating/query-set.ts';
import { Unlearner } from '../../src/engine/grouping/unlearn.ts';
import { fashionClassCount } from '../data/fashion-mnist.ts';
import { processorSeconds } from './processor-time.ts';
import { studyDenoiser, type StudyModels } from './study.ts';

const MEASURED_STEPS = 50;

export const groups = Array.from({ length: fashionClassCount }, (_, group) => group);

export interface Scored {
  readonly name: string;
  /** [queries, groups] */
  readonly scores: Matrix64;
  /** Processor time of making what the scores are measured on; measuring takes the same for all that alter models. */
  readonly seconds: number;
}

export interface Arm extends Partial<UnlearningChoices> {
  readonly name: string;
  readonly method: 'guda' | 'ascent';
  /** Unlearnings of each group from other seeds, whose scores are averaged. */
  readonly repeats?: number;
}

export function errorsOf(
  { executor }: StudyModels,
  parameters: Float32Array,
  queries: QuerySet,
  seed: number,
): Promise<Matrix64> {
  const steps = chooseSteps(studyDenoiser.schedule, MEASURED_STEPS, 'uniform');
  return measureErrors(executor, studyDenoiser, parameters, queries, { steps, seed });
}

/** What each query loses of its evidence under other parameters. */
export class Meter {
  seconds = 0;
  readonly #models: StudyModels;
  readonly #queries: QuerySet;
  readonly #seed: number;
  readonly #whole: Matrix64;

  constructor(models: StudyModels, queries: QuerySet, seed: number, whole: Matrix64) {
    this.#models = models;
    this.#queries = queries;
    this.#seed = seed;
    this.#whole = whole;
  }

  get queryCount(): number {
    return this.#whole.rows;
  }

  async lost(parameters: Float32Array): Promise<Float64Array> {
    const { result: without, seconds } = await processorSeconds(() =>
      errorsOf(this.#models, parameters, this.#queries, this.#seed),
    );
    this.seconds += seconds;
    const { schedule } = studyDenoiser;
    const steps = chooseSteps(schedule, MEASURED_STEPS, 'uniform');
    const part = ({ data, columns }: Matrix64, row: number): Float64Array =>
      data.subarray(row * columns, (row + 1) * columns);
    return Float64Array.from({ length: this.queryCount }, (_, row) =>
      lostEvidence(schedule, steps, part(this.#whole, row), part(without, row)),
    );
  }
}

/** Leave one group out: the model's recipe, its first parameters, and an order and noise of each repeat's own. */
export async function retrained(
  models: StudyModels,
  meter: Meter,
  repeats: number,
): Promise<{ repeats: Matrix64[]; seconds: number }> {
  const { trainRows, labels } = models.data;
  const found: Matrix64[] = [];
  let seconds = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const scores = zeros64(meter.queryCount, groups.length);
    for (const group of groups) {
      const rows = trainRows.filter((row) => labels[row] !== group);
      const trained = await models.trainedOn(rows, `repeat ${repeat}`);
      if (repeat === 0) seconds += trained.seconds;
      setColumn(scores, group, await meter.lost(trained.average));
    }
    found.push(scores);
  }
  return { repeats: found, seconds };
}

/** Each group is unlearned by the arm's choices, as often as it asks for. */
export async function unlearned(
  models: StudyModels,
  meter: Meter,
  parameters: Float32Array,
  matrixEngine: MatrixEngine,
  arm: Arm,
  seed: number,
): Promise<Scored> {
  const { name, repeats = 1 } = arm;
  const { trainRows, labels: classes } = models.data;
  const unlearner = openUnlearner(models, parameters, matrixEngine, arm);
  const found: Matrix64[] = [];
  let seconds = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const scores = zeros64(meter.queryCount, groups.length);
    for (const group of groups) {
      const forgotten = trainRows.filter((row) => classes[row] === group);
      const retained = trainRows.filter((row) => classes[row] !== group);
      const after = await processorSeconds(() =>
        unlearner.unlearn({ forgotten, retained, seed: seed + repeat }),
      );
      seconds += after.seconds;
      setColumn(scores, group, await meter.lost(after.result));
    }
    found.push(scores);
  }
  await unlearner.dispose();
  process.stderr.write(`${name}: ${seconds.toFixed(0)} s\n`);
  return { name, scores: meanOf(found), seconds };
}

const TIMED_STEPS = 100;
const ROUNDS = 5;

/**
 * How many times as long training without a group takes as unlearning it by this arm: both in processor time, by turns, the median of rounds. A training's time is
 * taken of its first steps, of which each takes the same.
 */
export async function trainingOverUnlearning(
  models: StudyModels,
  parameters: Float32Array,
  matrixEngine: MatrixEngine,
  arm: Arm,
  trainingSteps: number,
): Promise<number> {
  const { trainRows, labels: classes } = models.data;
  const unlearner = openUnlearner(models, parameters, matrixEngine, arm);
  const ratios: number[] = [];
  // The first round opens sessions, and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const group = groups[round % groups.length]!;
    const forgotten = trainRows.filter((row) => classes[row] === group);
    const retained = trainRows.filter((row) => classes[row] !== group);
    const training = await models.trainingSeconds(retained, TIMED_STEPS);
    const { seconds } = await processorSeconds(() => unlearner.unlearn({ forgotten, retained, seed: round }));
    if (round > 0) ratios.push((training * trainingSteps) / TIMED_STEPS / seconds);
  }
  await unlearner.dispose();
  return quantile(ratios, 0.5);
}

function openUnlearner(
  { executor, data }: StudyModels,
  parameters: Float32Array,
  matrixEngine: MatrixEngine,
  { name: _name, method, repeats: _repeats, ...choices }: Arm,
): Unlearner {
  return new Unlearner({
    ...{ executor, matrixEngine, denoiser: studyDenoiser, parameters, images: pixelImages(data.pixels) },
    choices: { ...UnlearningChoices.parse(choices), method },
    labels: new Int32Array(data.labels.length).fill(-1),
    prototypes: null,
  });
}

function setColumn({ data, columns }: Matrix64, column: number, values: Float64Array): void {
  for (const [row, value] of values.entries()) data[row * columns + column] = value;
}

export function meanOf(matrices: readonly Matrix64[]): Matrix64 {
  const mean = zeros64(matrices[0]!.rows, matrices[0]!.columns);
  for (const { data } of matrices)
    for (const [index, value] of data.entries()) mean.data[index]! += value / matrices.length;
  return mean;
}
