/**
 * @file Scores of some queries: one member of an ensemble after the other, so that never more than one member's training features nor its
 * preconditioner are there; what is held is the running mean of the kernel, [queries, n].
 */
import { assert } from '../base/assert.ts';
import { reblock, type RowBlocks } from '../linalg/gram.ts';
import { makeMatrix, type Matrix } from '../linalg/matrix.ts';
import { widen, type Rows } from '../linalg/rows.ts';
import { unitRows } from '../linalg/unit-rows.ts';
import type { Preconditioner, PreparedQueries } from './preconditioner.ts';

/** One model (or checkpoint, or dropout mask) of an ensemble. All members see the same training rows in the same order. */
export interface ScoringMember {
  readonly queries: PreparedQueries;
  /** Training features [n, k] of this member, in row order. */
  readonly train: RowBlocks;
  /** What this member does to its part of the kernel, in place, before it is averaged: normalise, weigh. */
  readonly adjust?: AdjustBlock;
}

export type AdjustBlock = (block: ScoreBlock) => void;

export interface ScoreBlock {
  /** The training row of the first column. */
  readonly firstRow: number;
  /** [q, rows of the block]; positive: the training sample helps the query. */
  readonly scores: Matrix;
  /** Standard deviation of each score over the members; not there where it was not asked for, or there is one member. */
  readonly deviations?: Matrix;
}

/** Weight of each training sample (TRAK: Q = 1 − p); null: one for all. */
export type SampleWeights = Float64Array | Float32Array | null;

/** What is gone through in turn, and opened only when its turn comes. */
type InTurn<Item> = Iterable<Item> | AsyncIterable<Item>;

/**
 * Term-wise ensemble: the mean over members of Ψ_m P_m Φ_mᵀ, times diag(w) (METHODS §6.1). The running mean keeps
 * identical members identical to one member, bit for bit.
 */
export async function* scoreQueries(
  members: InTurn<ScoringMember>,
  weights: SampleWeights,
  /** Also how the members differ, which takes as much memory again. */
  withDeviations = false,
): AsyncGenerator<ScoreBlock> {
  const mean = new RunningMean(withDeviations);
  for await (const { queries, train, adjust } of members) {
    let firstRow = 0;
    mean.nextMember();
    for await (const rows of reblock(train)) {
      const block = { firstRow, scores: await queries.scores(rows, firstRow) };
      adjust?.(block);
      mean.add(block.scores);
      firstRow += rows.rows;
    }
  }
  const deviations = mean.deviations();
  for (const [place, block] of [...weighed(mean.parts(), weights)].entries()) {
    const own = deviations?.[place];
    if (own !== undefined && weights !== null) weighColumns(own, weights, block.firstRow);
    yield own === undefined ? block : { ...block, deviations: own };
  }
}

/** One member for `selfInfluence`. */
export interface SelfScoringMember extends Pick<ScoringMember, 'train' | 'adjust'> {
  readonly preconditioner: Pick<Preconditioner, 'selfScores'>;
}

/** Every training sample's score for itself, [n]: the diagonal of what `scoreQueries` would give for the training set. */
export async function selfInfluence(
  members: InTurn<SelfScoringMember>,
  weights: SampleWeights,
): Promise<Float64Array> {
  const mean = new RunningMean();
  for await (const { preconditioner, train, adjust } of members) {
    let firstRow = 0;
    mean.nextMember();
    for await (const rows of reblock(train)) {
      const scores = await preconditioner.selfScores(rows, firstRow);
      const block = { firstRow, scores: makeMatrix(1, scores.length, scores) };
      adjust?.(block);
      mean.add(block.scores);
      firstRow += rows.rows;
    }
  }
  const parts = [...weighed(mean.parts(), weights)];
  return concatenate(parts.map((part) => part.scores.data));
}

/** The mean of the members' weights: mean_m Q_m of the term-wise ensemble. */
export function meanWeights(members: Iterable<Float64Array | Float32Array>): Float64Array {
  const mean = new RunningMean();
  for (const weights of members) {
    mean.nextMember();
    mean.add(makeMatrix(1, weights.length, Float64Array.from(weights)));
  }
  return Float64Array.from(mean.parts()[0]!.data);
}

/** The same rows, each scaled to length one: what Grad-Cos compares. */
export function* withUnitLength(blocks: Iterable<Rows>): Generator<Matrix> {
  for (const block of blocks) yield unitRows(widen(block));
}

/** The mean over members of what each gives part by part; identical members leave it as it is. */
class RunningMean {
  readonly #parts: Matrix[] = [];
  /** Sums of squared deviations (Welford), where they are kept. */
  readonly #squares: Matrix[] | null;
  #members = 0;
  #place = 0;

  constructor(withDeviations = false) {
    this.#squares = withDeviations ? [] : null;
  }

  nextMember(): void {
    if (this.#members > 0) this.parts();
    this.#members += 1;
    this.#place = 0;
  }

  /** average += (next − average) / members; the first is taken as it is. */
  add(next: Matrix): void {
    const average = this.#parts[this.#place];
    if (this.#members === 1) {
      this.#parts.push(next);
      this.#squares?.push(makeMatrix(next.rows, next.columns, new Float32Array(next.data.length)));
    } else {
      assert(average?.data.length === next.data.length, unequalMembers);
      const { data } = average;
      const squares = this.#squares?.[this.#place]?.data;
      for (let index = 0; index < data.length; index++) {
        const away = next.data[index]! - data[index]!;
        data[index]! += away / this.#members;
        if (squares !== undefined) squares[index]! += away * (next.data[index]! - data[index]!);
      }
    }
    this.#place += 1;
  }

  /** Part by part; null where they are not kept, or of one member. */
  deviations(): readonly Matrix[] | null {
    if (this.#squares === null || this.#members < 2) return null;
    return this.#squares.map(({ rows, columns, data }) =>
      makeMatrix(
        rows,
        columns,
        data.map((sum) => Math.sqrt(sum / (this.#members - 1))),
      ),
    );
  }

  parts(): readonly Matrix[] {
    assert(this.#members > 0, 'an ensemble has at least one member');
    assert(this.#place === this.#parts.length, unequalMembers);
    return this.#parts;
  }
}

const unequalMembers = 'the members of an ensemble have different row counts';

/** The parts side by side, their columns multiplied by the weights. */
function* weighed(parts: readonly Matrix[], weights: SampleWeights): Generator<ScoreBlock> {
  let firstRow = 0;
  for (const scores of parts) {
    if (weights !== null) weighColumns(scores, weights, firstRow);
    yield { firstRow, scores };
    firstRow += scores.columns;
  }
}

function weighColumns(scores: Matrix, weights: Exclude<SampleWeights, null>, firstRow: number): void {
  for (let index = 0; index < scores.data.length; index++) {
    scores.data[index]! *= weights[firstRow + (index % scores.columns)]!;
  }
}

function concatenate(parts: readonly ArrayLike<number>[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
