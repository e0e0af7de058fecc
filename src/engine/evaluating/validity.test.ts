import { describe, expect, it } from 'vitest';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import { Evaluation } from '../../contract/evaluations-service.ts';
import { validityOf } from './validity.ts';

const choices = AttributionChoices.parse({ models: 10 });
const lds = Evaluation.parse({
  id: 7,
  runId: 3,
  modelId: 1,
  kind: 'lds',
  title: 'TRAK, 10 models',
  choices,
  score: 0.412,
  deviation: 0.02,
  ceiling: 0.78,
  chance: { mean: 0, deviation: 0.02 },
  figures: { subsets: 50, 'lead over similarity': 0.2, 'lead deviation': 0.03 },
  curves: [],
  cost: null,
  createdAt: '2026-01-01T00:00:00.000Z',
});

describe('validityOf', () => {
  it('shows what was measured of the same choices', () => {
    expect(validityOf(choices, [lds])).toMatchObject({
      standing: 'measured',
      badge: 'LDS 0.41 ± 0.02, ceiling 0.78',
      evaluationId: 7,
    });
  });

  it('takes nothing that was measured of other choices, or of another kind', () => {
    const standing = (change: Partial<Evaluation>, wanted = choices) =>
      validityOf(wanted, [{ ...lds, ...change }]).standing;
    expect(standing({}, { ...choices, models: 5 })).toBe('not-evaluated');
    expect(standing({}, { ...choices, projectionSize: 512 })).toBe('not-evaluated');
    expect(standing({ kind: 'brittleness' })).toBe('not-evaluated');
    expect(standing({ choices: null })).toBe('not-evaluated');
  });

  it('does not care for the seed, nor for what the method does not read', () => {
    const other = { ...choices, seed: 5, adapterRank: 16, iterations: 30 };
    expect(validityOf(other, [lds]).standing).toBe('measured');
  });

  it('says where scores are no better than chance or than similarity', () => {
    const byChance = validityOf(choices, [{ ...lds, score: 0.03 }]);
    expect(byChance).toMatchObject({ standing: 'no-better', badge: 'No better than chance here' });
    const figures = { ...lds.figures, 'lead over similarity': 0.01 };
    const bySimilarity = validityOf(choices, [{ ...lds, figures }]);
    expect(bySimilarity).toMatchObject({ standing: 'no-better', badge: 'No better than similarity here' });
    expect(bySimilarity.explanation).toContain('LDS 0.41');
  });

  it('goes by the newest', () => {
    const newer = { ...lds, score: 0.5 };
    expect(validityOf(choices, [newer, lds]).badge).toContain('0.50');
  });
});
