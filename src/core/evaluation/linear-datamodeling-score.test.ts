import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { copyBlock, makeMatrix, type Matrix, type Matrix64 } from '../linalg/matrix.ts';
import { plainMatrixEngine as engine } from '../linalg/matrix-engine.ts';
import { deviation, mean } from '../linalg/ranks.ts';
import {
  averageOutputs,
  bootstrapDeviation,
  bootstrapLeadDeviation,
  linearDatamodelingScore,
  noiseCeiling,
  predictSubsetOutputs,
  shuffledNull,
} from './linear-datamodeling-score.ts';
import { drawSubsetMasks } from './subset-masks.ts';
import { SubsetSums } from './subset-sums.ts';
import { tuneDampingByLds } from './tune-damping-by-lds.ts';

const sampleCount = 80;
const queryCount = 30;

function normals(rows: number, columns: number, name: string, seed = 0): Matrix64 {
  const random = new Random(seed, name);
  return makeMatrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );
}

function add(a: Matrix, b: Matrix, scale: number): Matrix64 {
  return makeMatrix(
    a.rows,
    a.columns,
    Float64Array.from(a.data, (value, index) => value + scale * b.data[index]!),
  );
}

const masks = drawSubsetMasks({ sampleCount, subsetCount: 64, share: 0.5, seed: 3 });
const effects = normals(queryCount, sampleCount, 'effects');
/** An additive world: an output is the sum of the effects of what was trained on. */
const additive = await predictSubsetOutputs(effects, masks, engine);

async function scoreOf(scores: Matrix, measured: Matrix): Promise<number> {
  return linearDatamodelingScore(await predictSubsetOutputs(scores, masks, engine), measured).score;
}

describe('METHODS 11: LDS in an additive world', () => {
  it('is 1 for the true effects and −1 for their negatives', async () => {
    expect(await scoreOf(effects, additive)).toBeCloseTo(1, 14);
    expect(await scoreOf({ ...effects, data: effects.data.map((value) => -value) }, additive)).toBeCloseTo(
      -1,
      14,
    );
  });

  it('does not change when a constant is added to the scores of a query', async () => {
    // Whole numbers keep the sums exact, so that no rank can move by rounding.
    const whole = { ...effects, data: effects.data.map((value) => Math.round(value * 1000)) };
    const random = normals(queryCount, sampleCount, 'other');
    const measured = add(additive, await predictSubsetOutputs(random, masks, engine), 1);
    const shifted = {
      ...whole,
      data: whole.data.map((value, at) => value + 1000 * Math.floor(at / sampleCount)),
    };
    expect(await scoreOf(shifted, measured)).toBe(await scoreOf(whole, measured));
  });
});

describe('METHODS 12: LDS of random scores', () => {
  it('has a standard deviation of 0.126 to 0.141 per query at 64 subsets', async () => {
    const random = await predictSubsetOutputs(normals(400, sampleCount, 'random'), masks, engine);
    const measured = normals(64, 400, 'measured');
    const { perQuery } = linearDatamodelingScore(random, measured);
    expect(Math.abs(mean(perQuery))).toBeLessThan(0.02);
    expect(deviation(perQuery)).toBeGreaterThan(0.116);
    expect(deviation(perQuery)).toBeLessThan(0.141);
  });

  it('is what the shuffled null draws', async () => {
    const { mean: centre, deviation: spread } = await shuffledNull(effects, masks, additive, 20, 1, engine);
    expect(Math.abs(centre)).toBeLessThan(0.05);
    expect(spread).toBeGreaterThan(0.005);
    expect(spread).toBeLessThan(0.06);
  });
});

describe('METHODS 13: measurement noise lowers LDS to about 1/√(1 + s²)', () => {
  const many = drawSubsetMasks({ sampleCount, subsetCount: 400, share: 0.5, seed: 4 });

  it.each([0.5, 1, 2])('s = %d', async (noise) => {
    const signal = await predictSubsetOutputs(effects, many, engine);
    const scale = noise * Math.sqrt(sampleCount / 4);
    const measured = add(signal, normals(400, queryCount, 'noise'), scale);
    const { score } = linearDatamodelingScore(signal, measured);
    expect(Math.abs(score - 1 / Math.sqrt(1 + noise ** 2))).toBeLessThan(0.04);
    // Two halves, each with √2 the noise of both together: the ceiling foresees the score.
    const half = (name: string): Matrix64 => add(signal, normals(400, queryCount, name), scale * Math.SQRT2);
    expect(Math.abs(noiseCeiling([half('first'), half('second')]) - score)).toBeLessThan(0.04);
  });
});

describe('what is reported beside the score', () => {
  it('a constant column is dropped and counted', () => {
    const measured = makeMatrix(3, 2, Float64Array.from([1, 5, 2, 5, 3, 5]));
    const result = linearDatamodelingScore(measured, measured);
    expect(result.dropped).toBe(1);
    expect(result.score).toBeCloseTo(1, 14);
  });

  it('the bootstrap spreads more with fewer subsets', () => {
    const noisy = add(additive, normals(64, queryCount, 'noise'), 6);
    const few = makeMatrix(16, queryCount, noisy.data.slice(0, 16 * queryCount));
    const fewPredicted = makeMatrix(
      16,
      queryCount,
      Float64Array.from(additive.data.slice(0, 16 * queryCount)),
    );
    const wide = bootstrapDeviation(fewPredicted, few, 60, 1);
    const narrow = bootstrapDeviation(additive, noisy, 60, 1);
    expect(narrow).toBeGreaterThan(0);
    expect(wide).toBeGreaterThan(narrow);
  });

  it('outputs are averaged over models', () => {
    const average = averageOutputs([
      makeMatrix(1, 2, Float64Array.of(1, 2)),
      makeMatrix(1, 2, Float64Array.of(3, 6)),
    ]);
    expect([...average.data]).toEqual([2, 4]);
  });

  it('the ceiling is the same however many repeats the noise is spread over', async () => {
    const many = drawSubsetMasks({ sampleCount, subsetCount: 300, share: 0.5, seed: 5 });
    const signal = await predictSubsetOutputs(effects, many, engine);
    const repeats = (count: number): Matrix64[] =>
      Array.from({ length: count }, (_, repeat) =>
        add(signal, normals(300, queryCount, `repeat ${repeat} of ${count}`), 4.5 * Math.sqrt(count)),
      );
    expect(Math.abs(noiseCeiling(repeats(2)) - noiseCeiling(repeats(5)))).toBeLessThan(0.03);
  });

  it('the lead of a method over itself does not spread, over another it does', async () => {
    const noise = await predictSubsetOutputs(normals(queryCount, sampleCount, 'noise'), masks, engine);
    const [first, second] = [add(additive, noise, 0.5), add(additive, noise, 1)];
    expect(bootstrapLeadDeviation(first, first, additive, 20, 1)).toBe(0);
    const lead = bootstrapLeadDeviation(first, second, additive, 60, 1);
    expect(lead).toBeGreaterThan(0);
    // Both move together from one resample to the next.
    expect(lead).toBeLessThan(bootstrapDeviation(second, additive, 60, 1) * 1.5);
  });

  it('sums over blocks of the score matrix are those over the whole', async () => {
    const subsets = new SubsetSums(masks, queryCount, engine);
    const block = (query: number, image: number, rows: number, columns: number): Matrix =>
      copyBlock(effects, { row: query, column: image }, { rows, columns });
    for (const [query, rows] of [[0, 12] as const, [12, 18] as const])
      for (const [image, columns] of [[0, 50] as const, [50, 30] as const])
        await subsets.add(block(query, image, rows, columns), { query, image });
    for (const [at, sum] of subsets.sums.data.entries()) expect(sum).toBeCloseTo(additive.data[at]!, 10);
  });
});

describe('subset masks', () => {
  it('have one size, differ, and stay the same when more are drawn', () => {
    const sizes = masks.map((mask) => mask.reduce((sum, kept) => sum + kept, 0));
    expect(new Set(sizes)).toEqual(new Set([40]));
    expect(masks[0]).not.toEqual(masks[1]);
    const more = drawSubsetMasks({ sampleCount, subsetCount: 70, share: 0.5, seed: 3 });
    expect(more.slice(0, 64)).toEqual(masks);
  });

  it('keep each class at its share when stratified, and the whole at its size', () => {
    const strata = Array.from({ length: 25 }, (_, index) => index % 3);
    for (const mask of drawSubsetMasks({ sampleCount: 25, subsetCount: 10, share: 0.5, seed: 1, strata })) {
      const kept = [0, 1, 2].map(
        (stratum) => mask.filter((k, index) => k === 1 && strata[index] === stratum).length,
      );
      expect(kept.reduce((sum, count) => sum + count, 0)).toBe(13);
      // Strata of 9, 8 and 8.
      expect(kept[0]).toBeGreaterThanOrEqual(4);
      expect(kept[0]).toBeLessThanOrEqual(5);
      expect([kept[1], kept[2]]).toEqual([4, 4]);
    }
  });
});

describe('damping by measured outputs', () => {
  it('is chosen on some queries and reported on the others', async () => {
    const noise = await predictSubsetOutputs(normals(queryCount, sampleCount, 'noise'), masks, engine);
    const noiseOf = new Map([
      [0.1, 3],
      [1, 0.5],
      [10, 2],
    ]);
    const predict = (relative: number): Promise<Matrix> =>
      Promise.resolve(add(additive, noise, noiseOf.get(relative)!));
    const tuned = await tuneDampingByLds([0.1, 1, 10], predict, additive, { tuningShare: 0.2, seed: 1 });
    expect(tuned.chosen.relative).toBe(1);
    expect(tuned.optimistic.reported).toBeGreaterThanOrEqual(tuned.chosen.reported);
    expect(tuned.chosen.reported).not.toBe(tuned.chosen.tuning);
  });
});
