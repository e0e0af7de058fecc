/** @file What is measured of a query after a training: numbers that rise when the model gets better at it. */
import { assert } from '../base/assert.ts';

/** margin: log p/(1 − p) of the query's class; loss: its negative cross-entropy. */
export type MeasuredOutput = 'margin' | 'loss';

/** Goodness of each query from its logits [queries, classes]; `classes`: the class that counts for each. */
export function goodnessOf(
  logits: Float32Array,
  classes: ArrayLike<number>,
  measured: MeasuredOutput,
): Float64Array {
  const count = logits.length / classes.length;
  assert(Number.isInteger(count), 'every query has a logit per class');
  return Float64Array.from(classes, (own, query) => {
    const row = logits.subarray(query * count, (query + 1) * count);
    const others = logSumExp(row.filter((_, index) => index !== own));
    const margin = row[own]! - others;
    return measured === 'margin' ? margin : -logOnePlusExp(-margin);
  });
}

function logSumExp(values: Float32Array): number {
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/** log(1 + eˣ) without overflow: the cross-entropy of a margin −x. */
function logOnePlusExp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
