/** @file From what single training samples do to a query to what groups of them do (METHODS §2.12). A sample may belong to several groups. */
import { assert } from '../../base/assert.ts';
import { makeMatrix, rowBlock, zeros64, type Matrix, type Matrix64 } from '../../linalg/matrix.ts';
import { mean, quantile } from '../../linalg/ranks.ts';

/** For each group the training rows, columns of the score matrix, that belong to it; none twice. */
export type GroupMembers = readonly ArrayLike<number>[];

/**
 * sum: what the group does together, where effects add up; the default. positive-sum: the same of its members that help. mean: what its typical member
 * does, whatever its size. median: the same, and single members cannot move it. max: what its strongest member does. top-mean: the mean of its strongest
 * ten, or of all where it has fewer.
 */
export const aggregations = ['sum', 'mean', 'max', 'median', 'top-mean', 'positive-sum'] as const;
export type Aggregation = (typeof aggregations)[number];

const STRONGEST = 10;

/** Of the scores of a group's members, never none. */
const aggregateOf: Readonly<Record<Aggregation, (scores: Float64Array) => number>> = {
  sum,
  mean,
  max: (scores) => scores.reduce((most, score) => Math.max(most, score), -Infinity),
  median: (scores) => quantile(scores, 0.5),
  'top-mean': (scores) => mean(scores.slice().sort().slice(-STRONGEST)),
  'positive-sum': (scores) => sum(scores.map((score) => Math.max(0, score))),
};

/** [queries, groups] of `scores` [queries, train]. */
export function aggregateScores(
  scores: Matrix,
  groups: GroupMembers,
  aggregation: Aggregation = 'sum',
): Matrix64 {
  const aggregated = zeros64(scores.rows, groups.length);
  for (let query = 0; query < scores.rows; query++) {
    const { data } = rowBlock(scores, query, 1);
    for (const [group, members] of groups.entries()) {
      assert(members.length > 0, 'a group has members');
      const own = Float64Array.from(members, (row) => data[row]!);
      aggregated.data[query * groups.length + group] = aggregateOf[aggregation](own);
    }
  }
  return aggregated;
}

/**
 * Group scores [queries, groups] divided by the groups' sizes. Raw scores tell how much would be lost without the group, in which large groups lead;
 * divided ones how much for each image in it, in which small groups can lead. Of 'sum' this is 'mean'; what measures or unlearns whole groups has no
 * other way.
 */
export function dividedBySize({ rows, columns, data }: Matrix, groups: GroupMembers): Matrix64 {
  assert(columns === groups.length, 'one column per group');
  const divided = Float64Array.from(data, (score, index) => score / groups[index % columns]!.length);
  return makeMatrix(rows, columns, divided);
}

function sum(scores: Float64Array): number {
  return scores.reduce((total, score) => total + score, 0);
}
