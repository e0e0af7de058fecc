import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { trace } from '../linalg/matrix.ts';
import { makeMatrix, rowBlock, type Matrix64 } from '../linalg/matrix.ts';
import { plainMatrixEngine as engine } from '../linalg/matrix-engine.ts';
import { neededArtifacts } from './method.ts';
import { attributionMethods } from './registry.ts';
import { tuneDamping } from './tune-damping.ts';

/** Features whose first columns carry the target, with noise on the target. */
function problem(noise: number, seed: number): { features: Matrix64; targets: Float64Array } {
  const rows = 120;
  const columns = 60;
  const random = new Random(seed, 'problem');
  const features = makeMatrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );
  const targets = Float64Array.from({ length: rows }, (_, row) => {
    const signal = features.data[row * columns]! + features.data[row * columns + 1]!;
    return 5 * signal + noise * random.normal();
  });
  return { features, targets };
}

describe('damping without retraining', () => {
  it('is stronger where the margins are noisier', async () => {
    const chosen: number[] = [];
    for (const noise of [0, 40]) {
      const { features, targets } = problem(noise, 6);
      const { damping } = await tuneDamping(() => [features], targets, engine, { seed: 1 });
      chosen.push(damping.relative);
    }
    expect(chosen[0]).toBeLessThan(0.05);
    expect(chosen[1]).toBeGreaterThan(1);
  });

  it('is the strongest whose error stays within half of the least error again', async () => {
    const { features, targets } = problem(3, 7);
    const { damping, trials, gram } = await tuneDamping(() => [features], targets, engine, { seed: 1 });
    const least = Math.min(...trials.map((trial) => trial.error));
    const within = trials.filter((trial) => trial.error <= 1.5 * least).map((trial) => trial.relative);
    expect(damping.relative).toBe(Math.max(...within));
    expect(damping.absolute).toBeCloseTo((damping.relative * trace(gram.product)) / 60, 9);
    expect(least).toBeLessThan(0.5);
  });

  it('does not depend on how the rows are cut, and does on the seed of the folds only slightly', async () => {
    const { features, targets } = problem(3, 8);
    const cut = [rowBlock(features, 0, 50), rowBlock(features, 50, 1), rowBlock(features, 51, 69)];
    const whole = await tuneDamping(() => [features], targets, engine, { seed: 2 });
    const blocks = await tuneDamping(() => cut, targets, engine, { seed: 2 });
    expect(blocks.trials).toEqual(whole.trials);
    expect(new Set(whole.trials.map((trial) => trial.error)).size).toBeGreaterThan(10);
  });

  it('passes over dampings that cannot carry the factorisation', async () => {
    const { features, targets } = problem(1, 9);
    const few = rowBlock(features, 0, 20);
    const options = { seed: 1, grid: [0, 0.1] };
    const { damping, trials } = await tuneDamping(() => [few], targets.slice(0, 20), engine, options);
    expect(trials[0]!.error).toBe(Infinity);
    expect(damping.relative).toBe(0.1);
  });
});

describe('the table of methods', () => {
  it('declares what each needs', () => {
    expect(neededArtifacts(attributionMethods['grad-dot'])).toEqual({
      features: 'loss',
      residuals: false,
      damping: false,
    });
    expect(neededArtifacts(attributionMethods.trak)).toEqual({
      features: 'margin',
      residuals: true,
      damping: true,
    });
  });
});
