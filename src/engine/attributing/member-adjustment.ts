/** @file What a member of an ensemble does to its part of the kernel beside its preconditioner: normalise, weigh, turn products into distances. */
import {
  measureDistances,
  meanDistances,
  productsToDistances,
  type DistanceScale,
} from '../../core/attribution/negative-distance.ts';
import { heldOutSelfScores, trainDivisors } from '../../core/attribution/normalise.ts';
import type { Damping, Preconditioner } from '../../core/attribution/preconditioner.ts';
import { ownRepresenterValues } from '../../core/attribution/representer/representer-points.ts';
import type { AdjustBlock, ScoreBlock } from '../../core/attribution/score-queries.ts';
import type { Matrix } from '../../core/linalg/matrix.ts';
import type { AttributionWork } from './attribution-work.ts';
import type { LabelledRow } from './loaded-model.ts';
import type { OpenMember } from './open-members.ts';
import { refitLastLayer, type RefitLayer } from './refit-last-layer.ts';

export class MemberAdjustment {
  readonly #work: AttributionWork;
  readonly #weight: number;
  readonly #divisors: Float64Array | null;
  readonly #distances: DistanceScale | null;
  readonly #layer: RefitLayer | null;

  private constructor(
    work: AttributionWork,
    weight: number,
    found: {
      readonly divisors: Float64Array | null;
      readonly distances: DistanceScale | null;
      readonly layer: RefitLayer | null;
    },
  ) {
    this.#work = work;
    this.#weight = weight;
    this.#divisors = found.divisors;
    this.#distances = found.distances;
    this.#layer = found.layer;
  }

  /** Some numbers per training row; the preconditioner is not held on to. */
  static async of(
    work: AttributionWork,
    { model, features }: OpenMember,
    preconditioner: Preconditioner,
  ): Promise<MemberAdjustment> {
    const { method, choices } = work;
    return new MemberAdjustment(work, model.weight, {
      divisors: await trainDivisors(choices.normalisation, preconditioner, features.train()),
      distances: method.comparison === 'negative-distance' ? await measureDistances(features.train()) : null,
      layer: method.sampleWeight === 'representer' ? await refitLastLayer(work, features) : null,
    });
  }

  /** The penalty of a last layer that was fitted again; null where none was. */
  get damping(): Damping | null {
    return this.#layer?.damping ?? null;
  }

  /** Of scores whose rows are these targets; `queries`: their features. */
  ofScores(targets: readonly LabelledRow[], queries: Matrix): AdjustBlock {
    return (block) => {
      if (this.#distances !== null) productsToDistances(block, queries, this.#distances);
      this.#scaleColumns(block, (query) => targets[query]!.classIndex);
    };
  }

  /** Of one row with the score of each training image for itself. */
  get ofSelfScores(): AdjustBlock {
    const { learned } = this.#work.model;
    return (block) => this.#scaleColumns(block, (_, column) => learned[column]!.classIndex);
  }

  /** What gives a row's score for itself, before it is adjusted. */
  selfScoring(preconditioner: Preconditioner): Pick<Preconditioner, 'selfScores'> {
    const distances = this.#distances;
    if (distances === null) return preconditioner;
    return { selfScores: (block) => Promise.resolve(meanDistances(block, distances)) };
  }

  /** Scores for themselves of rows that were not learned, adjusted as if they had been. */
  async heldOut(
    preconditioner: Preconditioner,
    rows: Matrix,
    targets: readonly LabelledRow[],
  ): Promise<Float64Array> {
    const { method, choices, tools } = this.#work;
    const joins = method.preconditioner === 'ridge';
    const scoring = { ...preconditioner, ...this.selfScoring(preconditioner) };
    const scores = await heldOutSelfScores(choices.normalisation, scoring, rows, joins);
    const classes = targets.map((target) => target.classIndex);
    const values =
      this.#layer === null
        ? null
        : await ownRepresenterValues(this.#layer.points, rows, classes, tools.matrixEngine);
    return scores.map((score, place) => score * this.#weight * (values?.[place] ?? 1));
  }

  #scaleColumns(
    { scores, firstRow }: ScoreBlock,
    classAt: (query: number, trainRow: number) => number,
  ): void {
    if (this.#divisors === null && this.#layer === null && this.#weight === 1) return;
    const { rows, columns, data } = scores;
    const count = this.#layer?.classCount ?? 0;
    for (let query = 0; query < rows; query++) {
      for (let column = 0; column < columns; column++) {
        const row = firstRow + column;
        let factor = this.#weight;
        if (this.#divisors !== null) factor = this.#divisors[row] === 0 ? 0 : factor / this.#divisors[row]!;
        if (this.#layer !== null) factor *= this.#layer.points.values[row * count + classAt(query, row)]!;
        data[query * columns + column]! *= factor;
      }
    }
  }
}
