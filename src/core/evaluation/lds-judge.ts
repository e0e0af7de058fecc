/** @file Judging methods by one ground truth: the score with its spread, what chance gives, what perfection would reach, and who leads. */
import type { Matrix } from '../linalg/matrix.ts';
import { deviation, mean } from '../linalg/ranks.ts';
import {
  averageOutputs,
  bootstrapDeviation,
  bootstrapLeadDeviation,
  linearDatamodelingScore,
  noiseCeiling,
  shuffleMasks,
} from './linear-datamodeling-score.ts';

const RESAMPLES = 100;
const NULL_DRAWS = 20;

export interface LdsJudgement {
  /** 0 where the method tells no two subsets apart for any query. */
  readonly score: number;
  readonly deviation: number;
  readonly chance: { readonly mean: number; readonly deviation: number };
  /** Queries whose prediction or measurement is the same for all subsets. */
  readonly constantQueries: number;
}

export class LdsJudge {
  /** Whose sums of scores a method has to give: the subsets, and behind them shuffled ones that only chance can predict. */
  readonly masks: readonly Uint8Array[];
  /** null where nothing was measured twice. */
  readonly ceiling: number | null;
  readonly #subsets: number;
  readonly #measured: Matrix;
  readonly #seed: number;

  /** `repeats`: measured goodness [subsets, queries], one matrix per training of each subset. */
  constructor(subsets: readonly Uint8Array[], repeats: readonly Matrix[], seed: number) {
    const shuffled = Array.from({ length: NULL_DRAWS }, (_, draw) => shuffleMasks(subsets, draw, seed));
    this.masks = [...subsets, ...shuffled.flat()];
    this.ceiling = repeats.length < 2 ? null : orZero(noiseCeiling(repeats));
    this.#subsets = subsets.length;
    this.#measured = averageOutputs(repeats);
    this.#seed = seed;
  }

  /** `predicted` [masks, queries]. */
  judge(predicted: Matrix): LdsJudgement {
    const own = this.#part(predicted, 0);
    const { score, dropped } = linearDatamodelingScore(own, this.#measured);
    const nulls = Array.from({ length: NULL_DRAWS }, (_, draw) =>
      orZero(linearDatamodelingScore(this.#part(predicted, draw + 1), this.#measured).score),
    );
    return {
      score: orZero(score),
      deviation: bootstrapDeviation(own, this.#measured, RESAMPLES, this.#seed),
      chance: { mean: mean(nulls), deviation: deviation(nulls) },
      constantQueries: dropped,
    };
  }

  /** By how much the first method leads, and how that spreads over resamples of the subsets. */
  lead(predicted: Matrix, reference: Matrix): { readonly lead: number; readonly deviation: number } {
    const [own, other] = [this.#part(predicted, 0), this.#part(reference, 0)];
    const scoreOf = (part: Matrix): number => orZero(linearDatamodelingScore(part, this.#measured).score);
    return {
      lead: scoreOf(own) - scoreOf(other),
      deviation: bootstrapLeadDeviation(own, other, this.#measured, RESAMPLES, this.#seed),
    };
  }

  #part({ data, columns }: Matrix, index: number): Matrix {
    const length = this.#subsets * columns;
    return { rows: this.#subsets, columns, data: data.subarray(index * length, (index + 1) * length) };
  }
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
