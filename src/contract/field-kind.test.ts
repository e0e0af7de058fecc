import { describe, expect, it } from 'vitest';
import { AttributionChoices } from './attribution-choices.ts';
import { EvaluateBrittlenessConfig } from './evaluation-configs.ts';
import { fieldKindOf } from './field-kind.ts';
import { EvaluateSelectionConfig, SelectionStrategy } from './selection-config.ts';

const { shape } = AttributionChoices;

describe('fieldKindOf', () => {
  it('finds numbers and their bounds under defaults and descriptions', () => {
    expect(fieldKindOf(shape.models)).toEqual({
      kind: 'number',
      minimum: 1,
      maximum: 100,
      isWhole: true,
      isOptional: false,
    });
    expect(fieldKindOf(shape.modelShare)).toMatchObject({ minimum: 0.1, maximum: 1, isWhole: false });
  });

  it('tells what may be left open', () => {
    expect(fieldKindOf(shape.iterations)).toMatchObject({ minimum: 1, maximum: 10_000, isOptional: true });
  });

  it('invents no bound where none was set', () => {
    expect(fieldKindOf(shape.seed)).toMatchObject({ minimum: 0, maximum: null, isWhole: true });
  });

  it('finds choices, and lists of choices and of numbers', () => {
    expect(fieldKindOf(shape.maskMode)).toEqual({ kind: 'choice', options: ['fixed', 'per-sample'] });
    expect(fieldKindOf(EvaluateSelectionConfig.shape.strategies)).toEqual({
      kind: 'choices',
      options: SelectionStrategy.options,
    });
    expect(fieldKindOf(EvaluateBrittlenessConfig.shape.removals)).toEqual({ kind: 'numbers' });
  });
});
