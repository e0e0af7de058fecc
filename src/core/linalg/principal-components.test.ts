import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { plainMatrixEngine } from './matrix-engine.ts';
import { makeMatrix, type Matrix64 } from './matrix.ts';
import { findPrincipalComponents, projectRows } from './principal-components.ts';
import { rowOf } from './row-algebra.ts';

const random = (): Random => new Random(1, 'components');

/** Rows of independent columns, of these deviations and means. */
function drawn(rows: number, deviations: readonly number[], mean = 0): Matrix64 {
  const source = new Random(3, 'rows');
  const columns = deviations.length;
  return makeMatrix(
    rows,
    columns,
    Float64Array.from(
      { length: rows * columns },
      (_, index) => mean + deviations[index % columns]! * source.normal(),
    ),
  );
}

describe('principal components', () => {
  it('of two columns are those of the closed form, in float64', async () => {
    const rows = drawn(200, [3, 1], 5);
    for (let row = 0; row < rows.rows; row++) rows.data[2 * row + 1]! += 0.5 * rows.data[2 * row]!;
    const { mean, directions, variances, totalVariance } = await findPrincipalComponents(
      () => [rows],
      2,
      plainMatrixEngine,
      random(),
    );
    const of = (axis: number) => rows.data.filter((_, index) => index % 2 === axis);
    const average = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [x, y] = [of(0), of(1)];
    const [mx, my] = [average(x), average(y)];
    const xx = average(x.map((value) => (value - mx) ** 2));
    const yy = average(y.map((value) => (value - my) ** 2));
    const xy = average(x.map((value, index) => (value - mx) * (y[index]! - my)));
    const root = Math.hypot((xx - yy) / 2, xy);
    expect(mean[0]).toBeCloseTo(mx, 10);
    expect(variances[0]).toBeCloseTo((xx + yy) / 2 + root, 9);
    expect(variances[1]).toBeCloseTo((xx + yy) / 2 - root, 9);
    expect(totalVariance).toBeCloseTo(xx + yy, 9);
    const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
    expect(directions.data[0]).toBeCloseTo(Math.cos(angle), 9);
    expect(directions.data[1]).toBeCloseTo(Math.sin(angle), 9);
  });

  it('give positions about zero whose variances are those of the components, however the rows came', async () => {
    const rows = drawn(120, [5, 3, 1, 0.1], -2);
    const halves = [0, 60].map((from) => makeMatrix(60, 4, rows.data.slice(from * 4, (from + 60) * 4)));
    const found = await findPrincipalComponents(() => halves, 2, plainMatrixEngine, random());
    const { data } = await projectRows(rows, found, plainMatrixEngine);
    for (const axis of [0, 1]) {
      const along = Array.from(data).filter((_, index) => index % 2 === axis);
      expect(along.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 8);
      const variance = along.reduce((sum, value) => sum + value ** 2, 0) / along.length;
      expect(variance).toBeCloseTo(found.variances[axis]!, 8);
    }
  });

  it('of very long rows are found without all eigenvalues, orthonormal and the largest', async () => {
    const columns = 530;
    const rows = drawn(
      40,
      Array.from({ length: columns }, (_, column) => (column < 3 ? 30 - 8 * column : 0.1)),
    );
    const { directions, variances } = await findPrincipalComponents(
      () => [rows],
      3,
      plainMatrixEngine,
      random(),
    );
    for (const axis of [0, 1, 2]) {
      const own = [...rowOf(directions, axis)];
      expect(own.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(1, 9);
      expect(own.slice(0, 3).reduce((sum, value) => sum + value ** 2, 0)).toBeGreaterThan(0.999);
    }
    expect([...variances]).toEqual([...variances].sort((a, b) => b - a));
  });
});
