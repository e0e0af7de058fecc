import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { plainMatrixEngine } from '../linalg/matrix-engine.ts';
import { makeMatrix, type Matrix32 } from '../linalg/matrix.ts';
import { nearestRows } from '../linalg/nearest-rows.ts';
import { fitDistanceCurve } from './distance-curve.ts';
import { neighbourGraph } from './neighbour-graph.ts';
import { UmapLayout } from './umap-layout.ts';

const CLUSTERS = 3;
const EACH = 30;
const COLUMNS = 6;

/** Clumps far from each other. */
function clumps(seed: number): Matrix32 {
  const random = new Random(seed, 'clumps');
  const data = Float32Array.from({ length: CLUSTERS * EACH * COLUMNS }, (_, index) => {
    const cluster = Math.floor(index / (EACH * COLUMNS));
    return random.normal() + (index % COLUMNS === cluster ? 20 : 0);
  });
  return makeMatrix(CLUSTERS * EACH, COLUMNS, data);
}

async function layOut(seed: number): Promise<Float32Array> {
  const rows = clumps(1);
  const near = await nearestRows(rows, 8, { engine: plainMatrixEngine });
  const random = new Random(seed, 'layout');
  const start = Float32Array.from({ length: rows.rows * 2 }, () => random.normal());
  const layout = new UmapLayout(neighbourGraph(near), start, { epochs: 150, leastDistance: 0.1, random });
  while (layout.step() < layout.epochs);
  return layout.positions;
}

describe('nearest rows', () => {
  it('are those of a search through all pairs', async () => {
    const rows = clumps(2);
    const { indices, distances, count } = await nearestRows(rows, 5, { engine: plainMatrixEngine });
    for (let row = 0; row < rows.rows; row += 7) {
      const all = Array.from({ length: rows.rows }, (_, other) => {
        let sum = 0;
        for (let column = 0; column < COLUMNS; column++)
          sum += (rows.data[row * COLUMNS + column]! - rows.data[other * COLUMNS + column]!) ** 2;
        return { other, distance: Math.sqrt(sum) };
      })
        .filter(({ other }) => other !== row)
        .sort((a, b) => a.distance - b.distance)
        .slice(0, count);
      expect([...indices.subarray(row * count, (row + 1) * count)]).toEqual(all.map(({ other }) => other));
      for (const [place, { distance }] of all.entries())
        expect(distances[row * count + place]).toBeCloseTo(distance, 4);
    }
  });

  it('are fewer where there are fewer rows', async () => {
    const { count } = await nearestRows(makeMatrix(2, 1, Float32Array.of(0, 1)), 5, {
      engine: plainMatrixEngine,
    });
    expect(count).toBe(1);
  });
});

describe('the curve of distances', () => {
  it('has the constants that UMAP is known for', () => {
    const { a, b } = fitDistanceCurve(0.1);
    expect(a).toBeCloseTo(1.577, 1);
    expect(b).toBeCloseTo(0.895, 1);
  });
});

describe('the graph of neighbours', () => {
  it('holds each pair in both directions with one weight of at most 1, duplicates too', async () => {
    const rows = clumps(3);
    rows.data.copyWithin(COLUMNS, 0, COLUMNS);
    const near = await nearestRows(rows, 6, { engine: plainMatrixEngine });
    const { heads, tails, weights } = neighbourGraph(near);
    const pairs = new Map(Array.from(heads, (head, edge) => [`${head} ${tails[edge]}`, weights[edge]!]));
    expect(pairs.size).toBe(heads.length);
    for (const [pair, weight] of pairs) {
      expect(pairs.get(pair.split(' ').reverse().join(' '))).toBe(weight);
      expect(weight).toBeGreaterThan(0);
      expect(weight).toBeLessThanOrEqual(1);
    }
  });
});

describe('a map', () => {
  it('keeps clumps together and apart from others', async () => {
    const positions = await layOut(5);
    const centre = (cluster: number): [number, number] => {
      const own = positions.subarray(cluster * EACH * 2, (cluster + 1) * EACH * 2);
      const sum = (axis: number) => own.filter((_, index) => index % 2 === axis).reduce((a, b) => a + b, 0);
      return [sum(0) / EACH, sum(1) / EACH];
    };
    const centres = Array.from({ length: CLUSTERS }, (_, cluster) => centre(cluster));
    for (let point = 0; point < CLUSTERS * EACH; point++) {
      const away = centres.map(([x, y]) =>
        Math.hypot(positions[2 * point]! - x, positions[2 * point + 1]! - y),
      );
      expect(away.indexOf(Math.min(...away))).toBe(Math.floor(point / EACH));
    }
  });

  it('is the same for the same seed, bit for bit, and another for another', async () => {
    const first = await layOut(7);
    expect(await layOut(7)).toEqual(first);
    expect(await layOut(8)).not.toEqual(first);
  });
});
