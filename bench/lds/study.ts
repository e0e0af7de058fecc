/** @file A study: models trained on halves of the images, the ensemble's members, and who judges what methods predict of the former. */
import {
  averageOutputs,
  bootstrapDeviation,
  bootstrapLeadDeviation,
  linearDatamodelingScore,
  noiseCeiling,
} from '../../src/core/evaluation/linear-datamodeling-score.ts';
import { selectColumns, splitQueries } from '../../src/core/evaluation/tune-damping-by-lds.ts';
import { meanWeights } from '../../src/core/attribution/score-queries.ts';
import type { Matrix } from '../../src/core/linalg/matrix.ts';
import { readStudyImages, type StudySet, type StudySizes } from '../data/study-images.ts';
import { residualsOf } from './members.ts';
import type { Recipe } from './recipes.ts';
import { measureSubsets, trainHalfMembers, type SubsetTruth, type TruthSizes } from './subset-truth.ts';
import { TrainedModels } from './trained-models.ts';

/** Of the queries: these choose dampings and sizes, and are not reported on. */
const TUNING_SHARE = 0.1;
const RESAMPLES = 50;

export interface Judgement {
  readonly score: number;
  /** Over bootstrap resamples of the subsets. */
  readonly deviation: number;
  /** Queries whose measured or predicted output is the same for all subsets. */
  readonly dropped: number;
}

/** Judges predicted subset outputs [subsets, queries] by measured ones. */
export class Judge {
  readonly #tuning: { readonly queries: Int32Array; readonly measured: Matrix };
  readonly #reported: { readonly queries: Int32Array; readonly measured: Matrix };
  readonly #seed: number;

  constructor(measured: Matrix, seed: number) {
    const split = splitQueries(measured.columns, { tuningShare: TUNING_SHARE, seed });
    const part = (queries: Int32Array) => ({ queries, measured: selectColumns(measured, queries) });
    this.#tuning = part(split.tuningQueries);
    this.#reported = part(split.reportedQueries);
    this.#seed = seed;
  }

  tuningScore(predicted: Matrix): number {
    const { queries, measured } = this.#tuning;
    return linearDatamodelingScore(selectColumns(predicted, queries), measured).score;
  }

  score(predicted: Matrix): number {
    const { queries, measured } = this.#reported;
    return linearDatamodelingScore(selectColumns(predicted, queries), measured).score;
  }

  judge(predicted: Matrix): Judgement {
    const { queries, measured } = this.#reported;
    const own = selectColumns(predicted, queries);
    const { score, dropped } = linearDatamodelingScore(own, measured);
    return { score, dropped, deviation: bootstrapDeviation(own, measured, RESAMPLES, this.#seed) };
  }

  /** Deviation of the difference of two scores over the same resamples. */
  leadDeviation(predicted: Matrix, reference: Matrix): number {
    const { queries, measured } = this.#reported;
    const [own, other] = [selectColumns(predicted, queries), selectColumns(reference, queries)];
    return bootstrapLeadDeviation(own, other, measured, RESAMPLES, this.#seed);
  }
}

export interface EnsembleStudySizes extends StudySizes, TruthSizes {
  readonly members: number;
}

export interface Study {
  readonly models: TrainedModels;
  readonly truth: SubsetTruth;
  /** Judges by −loss, the mean over the trainings of a subset. */
  readonly judge: Judge;
  /** The same by one training of each subset, with more noise. */
  readonly onceJudge: Judge;
  /** By the margin instead. */
  readonly marginJudge: Judge;
  /** What a perfect predictor would reach. */
  readonly ceiling: number;
  readonly members: readonly Member[];
  /** Mean over members of Q. */
  readonly meanResiduals: Float64Array;
  readonly seed: number;
}

export interface Member {
  readonly parameters: Float32Array;
  /** Q = 1 − p of the images to learn from. */
  readonly residuals: Float32Array;
}

export async function openStudy(
  set: StudySet,
  recipe: Recipe,
  sizes: EnsembleStudySizes,
  seed: number,
): Promise<Study> {
  const models = new TrainedModels(await readStudyImages(set, sizes, seed), recipe, seed);
  const truth = await measureSubsets(models, sizes, seed);
  const members: Member[] = [];
  for (const parameters of await trainHalfMembers(models, sizes.members, seed))
    members.push({ parameters, residuals: await residualsOf(models, parameters) });
  return {
    models,
    truth,
    judge: new Judge(averageOutputs(truth.losses), seed),
    onceJudge: new Judge(truth.losses[0]!, seed),
    marginJudge: new Judge(averageOutputs(truth.margins), seed),
    ceiling: noiseCeiling(truth.losses),
    members,
    meanResiduals: meanWeights(members.map(({ residuals }) => residuals)),
    seed,
  };
}
