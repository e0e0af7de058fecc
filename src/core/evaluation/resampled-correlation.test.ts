import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { column, makeMatrix, type Matrix64 } from '../linalg/matrix.ts';
import { mean, spearman } from '../linalg/ranks.ts';
import { ResampledCorrelation } from './resampled-correlation.ts';

const [subsets, queries] = [20, 6];

/** Few distinct values, so that there are ties. */
function values(name: string): Matrix64 {
  const random = new Random(2, name);
  const data = Float64Array.from({ length: subsets * queries }, () => random.integer(8));
  return makeMatrix(subsets, queries, data);
}

describe('rank correlations over a resample', () => {
  it('are those of the resampled columns, ties and repeated subsets included', () => {
    const [predicted, measured] = [values('predicted'), values('measured')];
    const resampled = new ResampledCorrelation(predicted, measured);
    const random = new Random(3, 'resamples');
    for (let resample = 0; resample < 10; resample++) {
      const drawn = Array.from({ length: subsets }, () => random.integer(subsets));
      const counts = new Uint32Array(subsets);
      for (const subset of drawn) counts[subset]!++;
      const plain = Array.from({ length: queries }, (_, query) => {
        const pick = (matrix: Matrix64) => drawn.map((subset) => column(matrix, query)[subset]!);
        return spearman(pick(predicted), pick(measured));
      });
      expect(resampled.mean(counts)).toBeCloseTo(mean(plain), 12);
    }
  });

  it('leave out queries that are constant in the resample', () => {
    const one = makeMatrix(3, 2, Float64Array.of(1, 5, 2, 5, 3, 6));
    const resampled = new ResampledCorrelation(one, one);
    expect(resampled.mean(Uint32Array.of(2, 1, 0))).toBeCloseTo(1, 12);
    expect(resampled.mean(Uint32Array.of(3, 0, 0))).toBeNaN();
  });
});
