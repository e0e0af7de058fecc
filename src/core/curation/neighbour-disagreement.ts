/** @file How far an image's nearest neighbours in embedding space disagree with its label. */
import { assert } from '../base/assert.ts';
import { unitRows } from '../linalg/unit-rows.ts';
import { rowBlock, type Matrix, type MatrixData } from '../linalg/matrix.ts';
import type { MatrixEngine } from '../linalg/matrix-engine.ts';

/** Queries compared with all samples at a time: bounds memory at this many rows of similarities. */
const queryRows = 512;

/**
 * 1 − (similarity of the neighbours with the same label) / (similarity of all neighbours), over the `neighbourCount` nearest by
 * cosine, the sample itself left out; in 0…1, high is suspicious. `embeddings` [samples, any].
 */
export async function neighbourDisagreement(
  embeddings: Matrix,
  labels: ArrayLike<number>,
  neighbourCount: number,
  engine: MatrixEngine,
): Promise<Float64Array> {
  assert(embeddings.rows === labels.length, 'one embedding per label');
  const unit = unitRows(embeddings);
  const disagreement = new Float64Array(labels.length);
  for (let from = 0; from < unit.rows; from += queryRows) {
    const queries = rowBlock(unit, from, Math.min(queryRows, unit.rows - from));
    const similarities = await engine.multiply(queries, unit, { transposeB: true });
    for (let query = 0; query < queries.rows; query++) {
      const row = similarities.data.subarray(query * unit.rows, (query + 1) * unit.rows);
      disagreement[from + query] = disagreementOf(row, labels, from + query, neighbourCount);
    }
  }
  return disagreement;
}

function disagreementOf(
  similarities: MatrixData,
  labels: ArrayLike<number>,
  self: number,
  neighbourCount: number,
): number {
  let agreeing = 0;
  let all = 0;
  for (const neighbour of nearest(similarities, self, neighbourCount)) {
    const weight = Math.max(0, similarities[neighbour]!);
    all += weight;
    if (labels[neighbour] === labels[self]) agreeing += weight;
  }
  return all === 0 ? 0 : 1 - agreeing / all;
}

/** The most similar samples but `self`; equal similarities take the smaller index. Sorted insertion: `count` is small. */
function nearest(similarities: MatrixData, self: number, count: number): number[] {
  const best: number[] = [];
  let threshold = -Infinity;
  for (let index = 0; index < similarities.length; index++) {
    const value = similarities[index]!;
    if (value <= threshold || index === self) continue;
    let place = best.length;
    while (place > 0 && value > similarities[best[place - 1]!]!) place--;
    best.splice(place, 0, index);
    if (best.length > count) best.pop();
    if (best.length === count) threshold = similarities[best[count - 1]!]!;
  }
  return best;
}
