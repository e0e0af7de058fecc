/**
 * @file How well predicted group scores rank groups as measured ones do (METHODS §1.8). Ties among predictions count as breaking them at random would
 * on average, so that equal scores for all groups are worth exactly what chance is.
 */
import { assert } from '../../base/assert.ts';
import { Random } from '../../base/random.ts';
import { makeMatrix, rowBlock, zeros64, type Matrix, type Matrix64 } from '../../linalg/matrix.ts';
import { deviation, mean, midRanks, spearman, type Numbers } from '../../linalg/ranks.ts';
import { Ranking } from './ranking.ts';

/** p of rank-biased overlap (Webber et al. 2010). */
const PERSISTENCE = 0.9;
/** How many of the truly highest groups a pair must touch to count in `weightedPairsOfTop`. */
const TOP_COUNT = 3;

type QueryMetric = (truth: Numbers, predicted: Numbers) => number;

/** Of one query: scores of its groups, both [G]. Higher is better. */
const queryMetrics = {
  /** 1 where both name the same group first. */
  topOne: (truth, predicted) => weightOfBest(truth, predicted, (place) => (place === 0 ? 1 : 0)),
  /** 1 / (place of the truly highest group among the predictions). */
  reciprocalRank: (truth, predicted) => weightOfBest(truth, predicted, (place) => 1 / (place + 1)),
  gain3: (truth, predicted) => cumulativeGain(truth, predicted, 3, exponentialGain),
  gain5: (truth, predicted) => cumulativeGain(truth, predicted, 5, exponentialGain),
  gain10: (truth, predicted) => cumulativeGain(truth, predicted, 10, exponentialGain),
  linearGain3: (truth, predicted) => cumulativeGain(truth, predicted, 3, linearGain),
  linearGain5: (truth, predicted) => cumulativeGain(truth, predicted, 5, linearGain),
  linearGain10: (truth, predicted) => cumulativeGain(truth, predicted, 10, linearGain),
  weightedPairsOfTop: (truth, predicted) => weightedPairAgreement(truth, predicted, TOP_COUNT),
  weightedPairs: (truth, predicted) => weightedPairAgreement(truth, predicted, truth.length),
  /** NaN where one side is the same for all groups. */
  spearman,
  /** Not renormalised: at most `largestOverlap(G)`. */
  rankBiasedOverlap,
  /** The same as a share of what it can be at most. */
  overlapShare: (truth, predicted) => rankBiasedOverlap(truth, predicted) / largestOverlap(truth.length),
} as const satisfies Record<string, QueryMetric>;

export type RankMetric = keyof typeof queryMetrics;
/** The errors are those left after one affine fit over all queries: lower is better. */
export type GroupMetric = RankMetric | 'squaredError' | 'absoluteError';
export type MetricValues = Readonly<Record<GroupMetric, number>>;

export interface GroupJudgement {
  /** Over the queries for which a metric is defined; NaN where there is none. */
  readonly means: MetricValues;
  /** [queries] */
  readonly perQuery: Readonly<Record<GroupMetric, Float64Array>>;
  /** truth ≈ scale · predicted + offset by least squares over all queries and groups. */
  readonly calibration: Calibration;
}

export interface Calibration {
  readonly scale: number;
  readonly offset: number;
}

/** `truth`, `predicted`: [queries, groups], positive where the group helped. */
export function judgeGroups(truth: Matrix, predicted: Matrix): GroupJudgement {
  assert(truth.rows === predicted.rows && truth.columns === predicted.columns, 'predicted ≠ true size');
  const overQueries = (metric: QueryMetric): Float64Array =>
    Float64Array.from({ length: truth.rows }, (_, query) =>
      metric(rowBlock(truth, query, 1).data, rowBlock(predicted, query, 1).data),
    );
  const calibration = calibrate(truth.data, predicted.data);
  const meanError =
    (cost: (error: number) => number): QueryMetric =>
    (measured, scores) =>
      mean(
        Array.from(measured, (value, group) =>
          cost(value - calibration.scale * scores[group]! - calibration.offset),
        ),
      );
  const metrics = {
    ...queryMetrics,
    squaredError: meanError((error) => error ** 2),
    absoluteError: meanError(Math.abs),
  };
  const perQuery = mapMetrics(metrics, overQueries);
  return { means: mapMetrics(perQuery, definedMean), perQuery, calibration };
}

/** What scores that know nothing reach on average, exactly: those of equal scores for all groups. */
export function chanceOf(truth: Matrix): MetricValues {
  return { ...judgeGroups(truth, zeros64(truth.rows, truth.columns)).means, spearman: 0 };
}

/**
 * What a second measurement reaches: each of R ≥ 2 repeats, [queries, groups], judged by the mean of the others; the mean over the repeats. The
 * truth that it is judged by is itself noisier than the mean of all.
 */
export function ceilingOf(repeats: readonly Matrix[]): MetricValues {
  assert(repeats.length >= 2, 'a ceiling needs measurements that were repeated');
  const judged = repeats.map((repeat, index) => {
    const others = repeats.filter((_, other) => other !== index);
    return judgeGroups(meanMatrix(others), repeat).means;
  });
  return mapMetrics(judged[0]!, (_, metric) => definedMean(judged.map((means) => means[metric])));
}

/** Standard deviation of each mean over bootstrap resamples of the queries, the same resamples for all metrics; the calibration is kept. */
export function bootstrapDeviations(
  { perQuery }: GroupJudgement,
  resamples: number,
  seed: number,
): MetricValues {
  const random = new Random(seed, 'group metric bootstrap');
  const queries = perQuery.topOne.length;
  const draws = Array.from({ length: resamples }, () =>
    Int32Array.from({ length: queries }, () => random.integer(queries)),
  );
  return mapMetrics(perQuery, (values) => {
    const means = draws.map((drawn) => definedMean(Array.from(drawn, (query) => values[query]!)));
    return deviation(means.filter((value) => !Number.isNaN(value)));
  });
}

/** The most that rank-biased overlap of G groups can be: 1 − p^G. */
export function largestOverlap(groupCount: number): number {
  return 1 - PERSISTENCE ** groupCount;
}

/** The weight of the place that the truly highest group has among the predictions. Of equal truths the first counts. */
function weightOfBest(truth: Numbers, predicted: Numbers, weightOf: (place: number) => number): number {
  let best = 0;
  for (let group = 1; group < truth.length; group++) if (truth[group]! > truth[best]!) best = group;
  return new Ranking(predicted).weights(weightOf)[best]!;
}

/** Of a group from its relevance, G for the truly highest down to 1. */
type GainOf = (relevance: number, groupCount: number) => number;

/** 2^relevance − 1, scaled so that any number of groups can be held. */
const exponentialGain: GainOf = (relevance, groupCount) => 2 ** (relevance - groupCount) - 2 ** -groupCount;
const linearGain: GainOf = (relevance) => relevance;

/** NDCG at `count` (Järvelin & Kekäläinen 2002), discount 1/log₂(place + 2) of places from 0. */
function cumulativeGain(truth: Numbers, predicted: Numbers, count: number, gainOf: GainOf): number {
  const gains = midRanks(truth).map((relevance) => gainOf(relevance, truth.length));
  const discount = (place: number): number => (place < count ? 1 / Math.log2(place + 2) : 0);
  const gainedBy = (scores: Numbers): number => dot(gains, new Ranking(scores).weights(discount));
  return gainedBy(predicted) / gainedBy(truth);
}

/**
 * WPRA: of the pairs of groups of which one at least is truly among the `topCount` highest, the share that the predictions order rightly, each pair
 * with the difference of its truths as its weight. NaN where all truths are equal.
 */
function weightedPairAgreement(truth: Numbers, predicted: Numbers, topCount: number): number {
  const places = new Ranking(truth).first;
  let [agreeing, total] = [0, 0];
  for (let a = 0; a < truth.length; a++) {
    for (let b = a + 1; b < truth.length; b++) {
      if (Math.min(places[a]!, places[b]!) >= topCount) continue;
      const difference = truth[a]! - truth[b]!;
      const agreement = Math.sign(difference) * Math.sign(predicted[a]! - predicted[b]!);
      total += Math.abs(difference);
      agreeing += (Math.abs(difference) * (1 + agreement)) / 2;
    }
  }
  return agreeing / total;
}

/** (1 − p) Σ_{d = 1…G} p^{d−1} · |A_d ∩ B_d| / d over the d highest groups of each side. */
function rankBiasedOverlap(truth: Numbers, predicted: Numbers): number {
  const [measured, scored] = [new Ranking(truth), new Ranking(predicted)];
  let sum = 0;
  for (let depth = 1; depth <= truth.length; depth++) {
    const isIn = (place: number): number => (place < depth ? 1 : 0);
    const shared = dot(measured.weights(isIn), scored.weights(isIn));
    sum += (PERSISTENCE ** (depth - 1) * shared) / depth;
  }
  return (1 - PERSISTENCE) * sum;
}

/** Constant predictions are fitted by the mean of the truths alone. */
function calibrate(truth: Numbers, predicted: Numbers): Calibration {
  const [centre, level] = [mean(predicted), mean(truth)];
  let [covariance, variance] = [0, 0];
  for (let index = 0; index < truth.length; index++) {
    covariance += (predicted[index]! - centre) * (truth[index]! - level);
    variance += (predicted[index]! - centre) ** 2;
  }
  const scale = variance === 0 ? 0 : covariance / variance;
  return { scale, offset: level - scale * centre };
}

function meanMatrix(matrices: readonly Matrix[]): Matrix64 {
  const { rows, columns } = matrices[0]!;
  const entry = (index: number): number => mean(matrices.map(({ data }) => data[index]!));
  return makeMatrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, (_, index) => entry(index)),
  );
}

function definedMean(values: Numbers): number {
  return mean(Array.from(values).filter((value) => !Number.isNaN(value)));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

function mapMetrics<From, To>(
  record: Readonly<Record<GroupMetric, From>>,
  change: (value: From, metric: GroupMetric) => To,
): Record<GroupMetric, To> {
  const entries = Object.entries(record) as [GroupMetric, From][];
  return Object.fromEntries(entries.map(([metric, value]) => [metric, change(value, metric)])) as Record<
    GroupMetric,
    To
  >;
}
