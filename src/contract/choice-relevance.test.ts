import { describe, expect, it } from 'vitest';
import { attributionMethods } from '../core/attribution/registry.ts';
import { AttributionChoices, AttributionMethod } from './attribution-choices.ts';
import { relevantChoices } from './choice-relevance.ts';

const read = (choices: Partial<AttributionChoices>) => relevantChoices(AttributionChoices.parse(choices));

describe('relevantChoices', () => {
  it.each(AttributionMethod.options)('asks for %s what its row of choices needs', (method) => {
    const row = attributionMethods[method];
    const relevant = read({ method });
    const isProjected = row.gradients === 'projected' && row.outputFunction !== 'embedding';
    expect(relevant.has('projection')).toBe(isProjected);
    expect(relevant.has('projectionSize')).toBe(isProjected || row.gradients === 'factorised');
    const isDamped = row.preconditioner !== 'identity' || row.sampleWeight === 'representer';
    expect(relevant.has('relativeDamping')).toBe(isDamped);
    expect(relevant.has('iterations')).toBe(['cg', 'lissa', 'arnoldi'].includes(row.preconditioner));
  });

  it('asks for the members of an ensemble only where there are several', () => {
    expect(read({}).has('variants')).toBe(false);
    expect(read({}).has('modelShare')).toBe(false);
    expect(read({ models: 5 }).has('modelShare')).toBe(true);
    expect(read({ ensemble: 'dropout' }).has('dropoutRate')).toBe(true);
    expect(read({ ensemble: 'lora' }).has('dropoutRate')).toBe(false);
    expect(read({ ensemble: 'lora', method: 'if-kfac' }).has('projectionSeeds')).toBe(false);
  });
});
