/** @file Scores as a stream of (queries × training block) matrices; nothing here ever holds queries × n. */
import { assert } from '../base/assert.ts';
import { reblock, type RowBlocks } from '../linalg/gram.ts';
import { makeMatrix, type Matrix } from '../linalg/matrix.ts';
import { widen, type Rows } from '../linalg/rows.ts';
import { unitRows } from '../linalg/unit-rows.ts';
import type { Preconditioner } from './preconditioner.ts';

/** One model (or checkpoint, or dropout mask) of an ensemble. All members see the same training rows in the same order. */
export interface ScoringMember {
  readonly preconditioner: Preconditioner;
  /** Query features [q, k] of this member. */
  readonly queries: Matrix;
  /** Training features [n, k] of this member, in row order. */
  readonly train: RowBlocks;
}

export interface ScoreBlock {
  /** The training row of the first column. */
  readonly firstRow: number;
  /** [q, rows of the block]; positive: the training sample helps the query. */
  readonly scores: Matrix;
}

/** Weight of each training sample (TRAK: Q = 1 − p); null: one for all. */
export type SampleWeights = Float64Array | Float32Array | null;

/**
 * Term-wise ensemble: the mean over members of Ψ_m P_m Φ_mᵀ, times diag(w) (METHODS §6.1). The running mean keeps
 * identical members identical to one member, bit for bit.
 */
export async function* scoreQueries(
  members: readonly ScoringMember[],
  weights: SampleWeights,
): AsyncGenerator<ScoreBlock> {
  const prepared = await Promise.all(members.map((member) => member.preconditioner.prepare(member.queries)));
  let firstRow = 0;
  for await (const blocks of inStep(members.map((member) => member.train))) {
    let average: Matrix | null = null;
    for (const [index, block] of blocks.entries()) {
      average = runningMean(average, await prepared[index]!.scores(block, firstRow), index + 1);
    }
    assert(average !== null, 'an ensemble has at least one member');
    if (weights !== null) weighColumns(average, weights, firstRow);
    yield { firstRow, scores: average };
    firstRow += average.columns;
  }
}

/** Every training sample's score for itself, [n]: the diagonal of what `scoreQueries` would give for the training set. */
export async function selfInfluence(
  members: readonly Omit<ScoringMember, 'queries'>[],
  weights: SampleWeights,
): Promise<Float64Array> {
  const parts: Float64Array[] = [];
  let firstRow = 0;
  for await (const blocks of inStep(members.map((member) => member.train))) {
    let average: Matrix | null = null;
    for (const [index, block] of blocks.entries()) {
      const scores = await members[index]!.preconditioner.selfScores(block, firstRow);
      average = runningMean(average, makeMatrix(1, scores.length, scores), index + 1);
    }
    assert(average !== null, 'an ensemble has at least one member');
    if (weights !== null) weighColumns(average, weights, firstRow);
    parts.push(Float64Array.from(average.data));
    firstRow += average.columns;
  }
  return concatenate(parts, firstRow);
}

/** The mean of the members' weights: mean_m Q_m of the term-wise ensemble. */
export function meanWeights(members: readonly (Float64Array | Float32Array)[]): Float64Array {
  let average: Matrix | null = null;
  for (const [index, weights] of members.entries()) {
    average = runningMean(average, makeMatrix(1, weights.length, Float64Array.from(weights)), index + 1);
  }
  assert(average !== null, 'an ensemble has at least one member');
  return Float64Array.from(average.data);
}

/** The same rows, each scaled to length one: what Grad-Cos compares. */
export function* withUnitLength(blocks: Iterable<Rows>): Generator<Matrix> {
  for (const block of blocks) yield unitRows(widen(block));
}

/** The members' streams side by side, in equal standard blocks whatever the shards were. */
async function* inStep(streams: readonly RowBlocks[]): AsyncGenerator<Rows[]> {
  const iterators = streams.map((stream) => reblock(stream));
  for (;;) {
    const steps = await Promise.all(iterators.map((iterator) => iterator.next()));
    const blocks = steps.flatMap((step) => (step.done === true ? [] : [step.value]));
    if (blocks.length === 0) return;
    const sameRows = blocks.every((block) => block.rows === blocks[0]!.rows);
    assert(
      blocks.length === streams.length && sameRows,
      'the members of an ensemble have different row counts',
    );
    yield blocks;
  }
}

/** average += (next − average) / count, in place; the first is taken as it is. */
function runningMean(average: Matrix | null, next: Matrix, count: number): Matrix {
  if (average === null) return next;
  const { data } = average;
  for (let index = 0; index < data.length; index++)
    data[index]! += (next.data[index]! - data[index]!) / count;
  return average;
}

function weighColumns(scores: Matrix, weights: Exclude<SampleWeights, null>, firstRow: number): void {
  for (let index = 0; index < scores.data.length; index++) {
    scores.data[index]! *= weights[firstRow + (index % scores.columns)]!;
  }
}

function concatenate(parts: readonly Float64Array[], length: number): Float64Array {
  const whole = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
