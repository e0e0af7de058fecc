import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { areaUnderRoc } from '../evaluation/detection.ts';
import { gramOf, type RowBlocks } from '../linalg/gram.ts';
import { makeMatrix, rowBlock, toFloat32, type Matrix, type Matrix64 } from '../linalg/matrix.ts';
import { plainMatrixEngine as engine } from '../linalg/matrix-engine.ts';
import { unitRows } from '../linalg/unit-rows.ts';
import { fitDual, fitPrimal, identityPreconditioner, type Preconditioner } from './preconditioner.ts';
import {
  meanWeights,
  scoreQueries,
  selfInfluence,
  withUnitLength,
  type SampleWeights,
  type ScoringMember,
  type SelfScoringMember,
} from './score-queries.ts';

function randomMatrix(rows: number, columns: number, name: string): Matrix64 {
  const random = new Random(41, name);
  return makeMatrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );
}

/** All score blocks side by side: [q, n]. */
async function allScores(members: readonly ScoringMember[], weights: SampleWeights): Promise<number[][]> {
  const rows: number[][] = [];
  for await (const { firstRow, scores } of scoreQueries(members, weights)) {
    for (let query = 0; query < scores.rows; query++) {
      const row = (rows[query] ??= []);
      expect(row).toHaveLength(firstRow);
      row.push(...scores.data.subarray(query * scores.columns, (query + 1) * scores.columns));
    }
  }
  return rows;
}

type TestMember = ScoringMember & SelfScoringMember;

async function memberOf(
  preconditioner: Preconditioner,
  train: RowBlocks,
  queries: Matrix,
): Promise<TestMember> {
  return { preconditioner, queries: await preconditioner.prepare(queries), train };
}

async function trakMember(train: Matrix, queries: Matrix): Promise<TestMember> {
  return memberOf(await fitPrimal(await gramOf([train], engine), 0.1, engine), [train], queries);
}

function inChunks(matrix: Matrix, size: number): Matrix[] {
  const blocks: Matrix[] = [];
  for (let from = 0; from < matrix.rows; from += size) {
    blocks.push(rowBlock(matrix, from, Math.min(size, matrix.rows - from)));
  }
  return blocks;
}

const train = toFloat32(randomMatrix(1300, 6, 'train'));
const queries = toFloat32(randomMatrix(3, 6, 'queries'));
const residuals = Float64Array.from({ length: 1300 }, (_, index) => ((index * 37) % 101) / 101);

describe('scores by stream', () => {
  it('do not change by a bit with the size of the chunks', async () => {
    const whole = await trakMember(train, queries);
    const expected = await allScores([whole], residuals);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1500 }), async (size) => {
        const chunks = inChunks(train, size);
        const preconditioner = await fitPrimal(await gramOf(chunks, engine), 0.1, engine);
        const member = await memberOf(preconditioner, chunks, queries);
        expect(await allScores([member], residuals)).toEqual(expected);
      }),
      { numRuns: 8 },
    );
  });

  it('permuting the training samples permutes the columns', async () => {
    const small = randomMatrix(40, 5, 'small');
    const order = new Random(3, 'order').permutation(40);
    const permuted = makeMatrix(
      40,
      5,
      Float64Array.from([...order].flatMap((index) => [...rowBlock(small, index, 1).data])),
    );
    const weights = residuals.slice(0, 40);
    const query = randomMatrix(2, 5, 'query');
    const scores = await allScores([await trakMember(small, query)], weights);
    const other = await allScores(
      [await trakMember(permuted, query)],
      Float64Array.from(order, (index) => weights[index]!),
    );
    for (const [place, index] of order.entries())
      expect(other[1]![place]).toBeCloseTo(scores[1]![index]!, 12);
  });

  it('among unit features a query is helped most by the sample that equals it', async () => {
    const unit = unitRows(train);
    const member = await memberOf(identityPreconditioner(engine), [unit], rowBlock(unit, 700, 1));
    const [scores] = await allScores([member], null);
    expect(scores!.indexOf(Math.max(...scores!))).toBe(700);
  });
});

describe('METHODS 22: an ensemble of one model under dropout p = 0 is that model', () => {
  it.each([2, 3, 7])('bitwise, with %i masks', async (masks) => {
    const base = await trakMember(train, queries);
    // Inverted dropout at p = 0: every unit is kept and scaled by 1 / (1 − 0).
    const member = async (mask: number): Promise<TestMember> => {
      const random = new Random(mask, 'dropout');
      const masked = train.data.map((value) => (random.uniform() >= 0 ? value / (1 - 0) : 0));
      return trakMember(makeMatrix(train.rows, train.columns, masked), queries);
    };
    const members = await Promise.all(Array.from({ length: masks }, (_, mask) => member(mask)));
    const weights = meanWeights(members.map(() => residuals));
    expect(await allScores(members, weights)).toEqual(await allScores([base], residuals));
    expect(await selfInfluence(members, weights)).toEqual(await selfInfluence([base], residuals));
  });

  it('while different members give the mean of the kernels times the mean of the weights', async () => {
    const other = toFloat32(randomMatrix(1300, 6, 'other model'));
    const first = await trakMember(train, queries);
    const second = await trakMember(other, queries);
    const halves = residuals.map((value) => value / 2);
    const both = await allScores([first, second], meanWeights([residuals, halves]));
    const [a, b] = [await allScores([first], null), await allScores([second], null)];
    const expected = ((a[2]![900]! + b[2]![900]!) / 2) * residuals[900]! * 0.75;
    expect(both[2]![900]).toBeCloseTo(expected, 6);
  });

  it('members of different row counts are refused', async () => {
    const short = await trakMember(rowBlock(train, 0, 1200), queries);
    await expect(allScores([await trakMember(train, queries), short], null)).rejects.toThrow(/row counts/);
  });
});

describe('self-influence', () => {
  it('is the diagonal of the scores of the training set, in every form', async () => {
    const small = randomMatrix(30, 8, 'small');
    const weights = residuals.slice(0, 30);
    const forms = [
      identityPreconditioner(engine),
      await fitPrimal(await gramOf([small], engine), 0.2, engine),
      await fitDual(small, 0.2, engine),
    ];
    for (const preconditioner of forms) {
      const member = await memberOf(preconditioner, [small], small);
      const scores = await allScores([member], weights);
      const diagonal = await selfInfluence([member], weights);
      for (let index = 0; index < 30; index++)
        expect(diagonal[index]).toBeCloseTo(scores[index]![index]!, 11);
    }
  });
});

describe('METHODS 23: Grad-Cos self-influence is 1', () => {
  it('so it finds no label error: AUC ½', async () => {
    const blocks = [...withUnitLength(inChunks(randomMatrix(50, 8, 'small'), 7))];
    const diagonal = await selfInfluence(
      [{ preconditioner: identityPreconditioner(engine), train: blocks }],
      null,
    );
    diagonal.forEach((value) => expect(value).toBeCloseTo(1, 14));
    const flipped = diagonal.map((_, index) => (index % 10 === 0 ? 1 : 0));
    expect(
      areaUnderRoc(
        diagonal.map((value) => Math.fround(value)),
        flipped,
      ),
    ).toBe(0.5);
  });

  it('and a zero gradient stays zero', () => {
    expect([...unitRows(makeMatrix(2, 2, Float64Array.from([0, 0, 0, 2]))).data]).toEqual([0, 0, 0, 1]);
  });
});
