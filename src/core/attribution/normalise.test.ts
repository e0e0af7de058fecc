import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { gramOf } from '../linalg/gram.ts';
import { makeMatrix, rowBlock, type Matrix64 } from '../linalg/matrix.ts';
import { plainMatrixEngine as engine } from '../linalg/matrix-engine.ts';
import type { Normalisation } from './method.ts';
import { divided, heldOutSelfScores, trainDivisors } from './normalise.ts';
import { fitDual, fitPrimal, identityPreconditioner, type Preconditioner } from './preconditioner.ts';

const random = new Random(29, 'features');
const train = makeMatrix(
  40,
  6,
  Float64Array.from({ length: 240 }, () => random.normal()),
);
const queries = rowBlock(train, 0, 3);
const kinds = ['relative-parameters', 'relative-loss', 'renormalised'] as const;

/** Row `row` of the features multiplied by `factor`. */
function scaled(row: number, factor: number): Matrix64 {
  const data = train.data.map((value, index) => (Math.floor(index / 6) === row ? value * factor : value));
  return makeMatrix(40, 6, data);
}

async function normalisedColumn(
  kind: Normalisation,
  preconditioner: Preconditioner,
  features: Matrix64,
  column: number,
): Promise<number[]> {
  const prepared = await preconditioner.prepare(queries);
  const { data } = await prepared.scores(features, 0);
  const divisors = await trainDivisors(kind, preconditioner, [features]);
  return [0, 1, 2].map((query) => data[query * 40 + column]! / divisors![column]!);
}

const forms: readonly (readonly [string, () => Promise<Preconditioner>])[] = [
  ['identity', () => Promise.resolve(identityPreconditioner(engine))],
  ['ridge', async () => fitPrimal(await gramOf([train], engine), 0.1, engine)],
];

describe.each(forms)('normalised scores under %s', (_, open) => {
  it.each(kinds)('%s: a gradient that is c times as long scores the same', async (kind) => {
    const preconditioner = await open();
    const before = await normalisedColumn(kind, preconditioner, train, 17);
    const after = await normalisedColumn(kind, preconditioner, scaled(17, 1000), 17);
    after.forEach((score, query) => expect(score).toBeCloseTo(before[query]!, 10));
  });

  it('relative-loss: no score exceeds the root of the query’s own (Cauchy–Schwarz)', async () => {
    const preconditioner = await open();
    const own = await preconditioner.selfScores(queries, 0);
    for (let column = 0; column < 40; column++) {
      const scores = await normalisedColumn('relative-loss', preconditioner, train, column);
      scores.forEach((score, query) =>
        expect(Math.abs(score)).toBeLessThanOrEqual(Math.sqrt(own[query]!) * (1 + 1e-12)),
      );
    }
  });

  it('none has no divisors, and a zero gradient scores zero', async () => {
    expect(await trainDivisors('none', await open(), [train])).toBeNull();
    expect([...divided(Float64Array.of(0, 6), Float64Array.of(0, 2))]).toEqual([0, 3]);
  });
});

describe('a held-out sample scores itself as it would inside', () => {
  it.each(['none', ...kinds] as const)('%s', async (kind) => {
    const gram = await gramOf([rowBlock(train, 0, 39)], engine);
    const without = await fitPrimal(gram, 0.1, engine);
    const held = rowBlock(train, 39, 1);
    const [predicted] = await heldOutSelfScores(kind, without, held, true);
    // The same λ over all 40 rows.
    const all = await gramOf([train], engine);
    const traceOf = (data: Float64Array): number =>
      [0, 1, 2, 3, 4, 5].reduce((sum, index) => sum + data[index * 7]!, 0);
    const relative = (0.1 * traceOf(gram.product.data)) / traceOf(all.product.data);
    const inside = await fitPrimal(all, relative, engine);
    const own = await inside.selfScores(held, 39);
    const divisors = await trainDivisors(kind, inside, [train]);
    const expected = divisors === null ? own[0]! : own[0]! / divisors[39]!;
    expect(predicted).toBeCloseTo(expected, 10);
  });

  it('the dual form knows the same divisors', async () => {
    const few = rowBlock(train, 0, 5);
    const primal = await fitPrimal(await gramOf([few], engine), 0.1, engine);
    const dual = await fitDual(few, 0.1, engine);
    for (const kind of kinds) {
      const [a, b] = [await trainDivisors(kind, primal, [few]), await trainDivisors(kind, dual, [few])];
      a!.forEach((value, row) => expect(b![row]).toBeCloseTo(value, 10));
    }
  });
});
