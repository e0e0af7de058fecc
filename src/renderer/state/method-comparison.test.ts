import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../contract/evaluations-service.ts';
import { ceilingsOf, comparisonPoints } from './method-comparison.ts';

const cost = { trainSeconds: 100, cacheSeconds: 10, serveSeconds: 1, modelBytes: 0, featureBytes: 0 };
const evaluation = {
  id: 1,
  runId: 1,
  modelId: 1,
  kind: 'lds',
  title: 'TRAK',
  choices: null,
  score: 0.4,
  deviation: 0.02,
  ceiling: 0.781,
  chance: null,
  figures: {},
  curves: [],
  cost,
  createdAt: '2026-01-01T00:00:00.000Z',
} as unknown as Evaluation;

describe('comparisonPoints', () => {
  it('stand at the cost that is asked for', () => {
    const at = (part: Parameters<typeof comparisonPoints>[1]) => comparisonPoints([evaluation], part)[0]?.x;
    expect([at('all'), at('train'), at('cache'), at('serve')]).toEqual([111, 100, 10, 1]);
  });

  it('leave out what has no cost', () => {
    expect(comparisonPoints([{ ...evaluation, cost: null }], 'all')).toEqual([]);
  });
});

describe('ceilingsOf', () => {
  it('takes ceilings that look alike as one', () => {
    const ceilings = [0.781, 0.779, 0.5, null];
    expect(ceilingsOf(ceilings.map((ceiling) => ({ ...evaluation, ceiling })))).toEqual([0.5, 0.78]);
  });
});
