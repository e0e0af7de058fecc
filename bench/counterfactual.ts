/**
 * @file How far generated images move when the fifth of the training images that a method puts behind them was never learned (METHODS §1.6, §3.7): D-TRAK,
 * TRAK and random, each by training again from the same first parameters, noise and steps of time, and making the image again from its own seed.
 */
import { comparePaired, typicalValue } from '../src/core/evaluation/counterfactual.ts';
import { Random } from '../src/core/base/random.ts';
import { chooseSteps } from '../src/core/diffusion/evidence-bound.ts';
import { ascendingOrder } from '../src/core/linalg/ranks.ts';
import type { MatrixEngine } from '../src/core/linalg/matrix-engine.ts';
import { rowOf } from '../src/core/linalg/row-algebra.ts';
import { cosineBetween, distanceBetween } from '../src/core/linalg/vector-distance.ts';
import { DenoiserFeatures } from '../src/engine/generating/denoiser-features.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { asQueries, generatedImages } from './diffusion/questions.ts';
import { studyScores, type ScoredBy } from './diffusion/scores.ts';
import {
  studyDenoiser,
  studySettings,
  withStudy,
  type StudyModels,
  type TrainedPair,
} from './diffusion/study.ts';

const SHARE = 0.2;
const SEEN_STEPS = 10;

interface Sizes {
  readonly perClass: number;
  readonly queries: number;
  readonly trainingSteps: number;
}

const full: Sizes = { perClass: 25, queries: 8, trainingSteps: studySettings.steps };
const quick: Sizes = { perClass: 4, queries: 2, trainingSteps: 20 };

const arms = [
  { name: 'D-TRAK', output: 'square', kernel: true, weigh: false },
  { name: 'TRAK', output: 'loss', kernel: true, weigh: false },
] as const satisfies readonly (ScoredBy & { readonly name: string })[];

interface Removal {
  readonly name: string;
  /** Of each query: places in the training images that are left. */
  readonly left: readonly Int32Array[];
}

interface Moved {
  readonly name: string;
  readonly distances: readonly number[];
  readonly cosines: readonly number[];
}

export function run({ quick: isQuick, seed }: BenchOptions): Promise<BenchResult> {
  const sizes = isQuick ? quick : full;
  return withStudy(sizes, seed, async ({ models, engine, whole }) => {
    const { trainRows } = models.data;
    const numbers = Array.from({ length: sizes.queries }, (_, query) => query);
    // Not rounded to 8 bits: compared with what other models make, not with files.
    const originals = await generatedImages(models, whole.average, numbers, seed + 1);
    const removals = await chooseRemovals(models, whole, engine, originals, seed);
    const eye = new ModelEye(models, whole, seed);
    const moved: Moved[] = [];
    for (const { name, left } of removals) {
      const distances: number[] = [];
      const cosines: number[] = [];
      for (const [query, places] of left.entries()) {
        const without = await models.trainedOn(
          places.map((place) => trainRows[place]!),
          'main',
        );
        const [remade] = await generatedImages(models, without.average, [query], seed + 1);
        distances.push(distanceBetween(originals[query]!, remade!));
        cosines.push(await eye.cosine(`query ${query}`, originals[query]!, remade!));
      }
      process.stderr.write(`${name}: ${distances.map((distance) => distance.toFixed(2)).join(' ')}\n`);
      moved.push({ name, distances, cosines });
    }
    await eye.dispose();
    return compare(moved, { ...sizes, trainingImages: trainRows.length });
  });
}

async function chooseRemovals(
  models: StudyModels,
  whole: TrainedPair,
  engine: MatrixEngine,
  originals: readonly Float32Array[],
  seed: number,
): Promise<Removal[]> {
  const queries = asQueries(originals);
  const total = models.data.trainRows.length;
  const kept = total - Math.round(SHARE * total);
  const removals: Removal[] = [];
  for (const arm of arms) {
    const scores = await studyScores(models, whole.parameters, queries, engine, arm);
    const left = queries.keys.map((_, query) => {
      const rising = ascendingOrder(Float64Array.from(rowOf(scores, query)));
      return Int32Array.from(rising.subarray(0, kept)).sort();
    });
    removals.push({ name: arm.name, left });
  }
  const left = queries.keys.map((key) =>
    Int32Array.from(new Random(seed, `random removal ${key}`).permutation(total).subarray(0, kept).sort()),
  );
  return [...removals, { name: 'random', left }];
}

/** What the whole model's middle sees in two images, under the same noise. */
class ModelEye {
  readonly #features: DenoiserFeatures;

  constructor({ executor }: StudyModels, { average: parameters }: TrainedPair, seed: number) {
    this.#features = new DenoiserFeatures(
      executor,
      { denoiser: studyDenoiser, network: studyDenoiser.network, parameters },
      { outputFunction: 'embedding', projection: { kind: 'none', size: 0, seed: 0 }, seed },
    );
  }

  async cosine(key: string, original: Float32Array, remade: Float32Array): Promise<number> {
    const steps = chooseSteps(studyDenoiser.schedule, SEEN_STEPS, 'uniform');
    const view = (image: Float32Array) => ({
      ...{ key, classIndex: -1 },
      views: Array.from(steps, (step) => ({ image, step })),
    });
    const { features } = await this.#features.compute([view(original), view(remade)]);
    const columns = features.length / 2;
    return cosineBetween(features.subarray(0, columns), features.subarray(columns));
  }

  dispose(): Promise<void> {
    return this.#features.dispose();
  }
}

function compare(
  moved: readonly Moved[],
  { queries, trainingImages }: { queries: number; trainingImages: number },
): BenchResult {
  const figures: Record<string, number> = { queries, 'training images': trainingImages, share: SHARE };
  const table = [['removed by', 'distance', '±', 'cosine', '±', 'further than random', 'sign test p']];
  const random = moved.find(({ name }) => name === 'random')!;
  for (const { name, distances, cosines } of moved) {
    const [distance, cosine] = [typicalValue(distances, 0), typicalValue(cosines, 0)];
    const beside = comparePaired(distances, random.distances);
    figures[`${name}: distance`] = distance.median;
    figures[`${name}: distance deviation`] = distance.deviation;
    figures[`${name}: cosine`] = cosine.median;
    figures[`${name}: cosine deviation`] = cosine.deviation;
    figures[`${name}: images further than random`] = beside.larger;
    table.push([
      name,
      distance.median.toFixed(3),
      distance.deviation.toFixed(3),
      cosine.median.toFixed(4),
      cosine.deviation.toFixed(4),
      name === 'random' ? '' : `${beside.larger} of ${queries}`,
      name === 'random' ? '' : beside.pValue.toFixed(3),
    ]);
  }
  const goals: Record<string, number> = {};
  for (const other of ['TRAK', 'random']) {
    const apart = (what: string): number => figures[`D-TRAK: ${what}`]! - figures[`${other}: ${what}`]!;
    figures[`D-TRAK beyond ${other}, distance`] = apart('distance');
    figures[`D-TRAK beyond ${other}, 1 − cosine`] = -apart('cosine');
    goals[`D-TRAK beyond ${other}, distance`] = 0;
    goals[`D-TRAK beyond ${other}, 1 − cosine`] = 0;
  }
  const paired = comparePaired(moved[0]!.distances, moved[1]!.distances);
  figures['images that D-TRAK moves further than TRAK'] = paired.larger;
  figures['sign test p of D-TRAK against TRAK'] = paired.pValue;
  return { figures, goals, table };
}
