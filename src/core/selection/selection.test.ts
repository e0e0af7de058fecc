import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { makeMatrix, type Matrix } from '../linalg/matrix.ts';
import { plainMatrixEngine } from '../linalg/matrix-engine.ts';
import { unitRows } from '../linalg/unit-rows.ts';
import { chooseSubset } from './choose-subset.ts';
import { drawKeys } from './draw-keys.ts';
import { pickFacilities } from './facility-location.ts';
import { rankCandidates } from './rank-candidates.ts';
import { shareBudget } from './share-budget.ts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Capacities, a minimum for each, and a budget between what is needed and what there is. */
const budget = fc.array(fc.tuple(fc.nat(40), fc.nat(5)), { minLength: 1, maxLength: 8 }).chain((groups) => {
  const capacities = groups.map(([capacity]) => capacity);
  const minimums = groups.map(([capacity, minimum]) => Math.min(capacity, minimum));
  const total = fc.integer({ min: sum(minimums), max: sum(capacities) });
  return total.map((value) => ({ capacities, minimums, total: value }));
});

describe('shareBudget', () => {
  it('uses the whole budget, and leaves every group between its minimum and what it has', () => {
    fc.assert(
      fc.property(budget, ({ capacities, minimums, total }) => {
        const sizes = shareBudget(capacities, total, minimums);
        expect(sum(sizes)).toBe(total);
        for (const [group, size] of sizes.entries()) {
          expect(size).toBeGreaterThanOrEqual(minimums[group]!);
          expect(size).toBeLessThanOrEqual(capacities[group]!);
        }
      }),
    );
  });

  it('gives a group more than another only where the other has no more, or the minimum asks for it', () => {
    fc.assert(
      fc.property(budget, ({ capacities, minimums, total }) => {
        const sizes = shareBudget(capacities, total, minimums);
        for (const [a, sizeOfA] of sizes.entries())
          for (const [b, sizeOfB] of sizes.entries())
            if (sizeOfA > sizeOfB + 1)
              expect(sizeOfB === capacities[b] || sizeOfA === minimums[a]).toBe(true);
      }),
    );
  });

  it('gives what cannot be divided to the first, and what a small group leaves to the others', () => {
    expect(shareBudget([10, 10, 10], 11)).toEqual([4, 4, 3]);
    expect(shareBudget([2, 10, 10], 15)).toEqual([2, 7, 6]);
  });
});

/** Scores with a class and a group each, both numbered without gaps at least from 0. */
const scored = fc.array(fc.tuple(fc.float({ noNaN: true }), fc.nat(3), fc.nat(2)), {
  minLength: 1,
  maxLength: 60,
});

describe('a chosen subset', () => {
  it('is as large as the budget, or as the least of every class where that is more', () => {
    fc.assert(
      fc.property(scored, fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
        const classes = rows.map(([, classIndex]) => classIndex);
        const groups = rows.map(([, , group]) => group);
        const order = rankCandidates(
          rows.map(([score]) => score),
          { keep: 'high', seed: 1 },
        );
        const total = Math.round(share * rows.length);
        const chosen = chooseSubset(order, { classes, groups }, total, 2);
        const least = sum(
          [0, 1, 2, 3].map((c) => Math.min(2, classes.filter((other) => other === c).length)),
        );
        expect(chosen.length).toBe(Math.max(total, least));
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const c of new Set(classes)) {
          const kept = Array.from(chosen, (candidate) => classes[candidate]).filter((other) => other === c);
          const there = classes.filter((other) => other === c);
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(2, there.length));
        }
      }),
    );
  });

  it('holds the best of each class where the budget is shared out among the classes', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const classes = rows.map(([, classIndex]) => classIndex);
        const scores = rows.map(([score]) => score);
        const order = rankCandidates(scores, { keep: 'low', seed: 2 });
        const chosen = new Set(
          chooseSubset(order, { classes, groups: classes }, Math.ceil(rows.length / 2), 1),
        );
        for (const c of new Set(classes)) {
          const ofClass = classes.flatMap((other, candidate) => (other === c ? [candidate] : []));
          const kept = ofClass
            .filter((candidate) => chosen.has(candidate))
            .map((candidate) => scores[candidate]!);
          const dropped = ofClass
            .filter((candidate) => !chosen.has(candidate))
            .map((candidate) => scores[candidate]!);
          expect(Math.max(-Infinity, ...kept)).toBeLessThanOrEqual(Math.min(Infinity, ...dropped));
        }
      }),
    );
  });

  it('is the same for the same seed, and another for another where nothing tells the candidates apart', () => {
    const equal = new Float64Array(50);
    const draw = (seed: number): number[] => [...rankCandidates(equal, { keep: 'high', seed })];
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(3).toSorted((a, b) => a - b)).toEqual([...equal.keys()]);
  });

  it('takes candidates without a score, and those that are to come last, only when no other is left', () => {
    const scores = [NaN, 5, 1, 9];
    expect([...rankCandidates(scores, { keep: 'high', seed: 0 })]).toEqual([3, 1, 2, 0]);
    expect([...rankCandidates(scores, { keep: 'low', seed: 0, last: new Set([2]) })]).toEqual([1, 3, 0, 2]);
  });
});

describe('drawKeys', () => {
  it('draws the first, and of what is left the second, in proportion to the weights', () => {
    const random = new Random(1, 'test/draw');
    const draws = 20_000;
    const counts = { first: [0, 0, 0], secondAfterLast: [0, 0] };
    for (let draw = 0; draw < draws; draw++) {
      const keys = drawKeys([1, 2, 3], random);
      const [first, second] = rankCandidates(keys, { keep: 'high', seed: 0 });
      counts.first[first!]!++;
      if (first === 2) counts.secondAfterLast[second!]!++;
    }
    // Five deviations of a share of so many draws.
    const tolerance = (5 * 0.5) / Math.sqrt(draws / 2);
    for (const [weight, count] of counts.first.entries())
      expect(Math.abs(count / draws - (weight + 1) / 6)).toBeLessThan(tolerance);
    expect(Math.abs(counts.secondAfterLast[1]! / counts.first[2]! - 2 / 3)).toBeLessThan(tolerance);
  });

  it('gives no key where there is no weight, so that such a candidate comes last', () => {
    const keys = drawKeys([NaN, 0.1], new Random(2, 'test/draw'));
    expect([...rankCandidates(keys, { keep: 'high', seed: 0 })]).toEqual([1, 0]);
  });
});

function drawEmbeddings(rows: number, seed: number): Matrix {
  const random = new Random(seed, 'test/embeddings');
  return makeMatrix(
    rows,
    4,
    Float32Array.from({ length: rows * 4 }, () => random.normal()),
  );
}

/** Σᵢ max(0, maxⱼ cos), by the definition. */
function coverage(embeddings: Matrix, picked: readonly number[]): number {
  const { rows, columns, data } = unitRows(embeddings);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const similarities = picked.map((other) =>
      sum(Array.from({ length: columns }, (_, k) => data[row * columns + k]! * data[other * columns + k]!)),
    );
    total += Math.max(0, ...similarities);
  }
  return total;
}

const pick = (embeddings: Matrix, count: number, seed = 1) =>
  pickFacilities(embeddings, { count, random: new Random(seed, 'test'), engine: plainMatrixEngine });

describe('pickFacilities', () => {
  it('picks as many different rows as asked for, the same ones for the same seed, gains never rising', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(5), async (rows, seed) => {
        const count = 1 + ((seed * 7) % rows);
        const embeddings = drawEmbeddings(rows, seed);
        const picks = await pick(embeddings, count, seed);
        expect(new Set(picks.map(({ row }) => row)).size).toBe(count);
        expect(await pick(embeddings, count, seed)).toEqual(picks);
        for (const [place, { gain }] of picks.entries())
          if (place > 0) expect(gain).toBeLessThanOrEqual(picks[place - 1]!.gain);
      }),
    );
  });

  it('comes near to the best pair, which all pairs are searched for', async () => {
    for (const seed of [1, 2, 3, 4]) {
      const embeddings = drawEmbeddings(24, seed);
      let best = 0;
      for (let a = 0; a < 24; a++)
        for (let b = 0; b < a; b++) best = Math.max(best, coverage(embeddings, [a, b]));
      const picks = await pick(embeddings, 2, seed);
      const found = coverage(
        embeddings,
        picks.map(({ row }) => row),
      );
      // The bound of the search in expectation; it comes much nearer.
      expect(found / best).toBeGreaterThan(1 - 1 / Math.E - 0.1);
    }
  });

  it('takes one of each cluster before a second of any, and leaves a lone outlier for later', async () => {
    const random = new Random(5, 'test/clusters');
    const centres = [0, 1, 2, 3].map((axis) => [0, 1, 2, 3].map((k) => (k === axis ? 5 : 0)));
    const rows = centres.flatMap((centre) =>
      Array.from({ length: 20 }, () => centre.map((x) => x + 0.3 * random.normal())),
    );
    rows.push([-5, -5, -5, -5]);
    const picks = await pick(makeMatrix(81, 4, Float32Array.from(rows.flat())), 4);
    expect(new Set(picks.map(({ row }) => Math.floor(row / 20)))).toEqual(new Set([0, 1, 2, 3]));
  });
});
