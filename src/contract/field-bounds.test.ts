import { describe, expect, it } from 'vitest';
import { AttributionChoices } from './attribution-choices.ts';
import { boundsOf } from './field-bounds.ts';

const { shape } = AttributionChoices;

describe('boundsOf', () => {
  it('finds the bounds under defaults and descriptions', () => {
    expect(boundsOf(shape.models)).toEqual({ minimum: 1, maximum: 100, isWhole: true, isOptional: false });
    expect(boundsOf(shape.modelShare)).toEqual({
      minimum: 0.1,
      maximum: 1,
      isWhole: false,
      isOptional: false,
    });
  });

  it('tells what may be left open', () => {
    expect(boundsOf(shape.iterations)).toEqual({
      minimum: 1,
      maximum: 10_000,
      isWhole: true,
      isOptional: true,
    });
  });

  it('invents no bound where none was set', () => {
    expect(boundsOf(shape.seed)).toEqual({ minimum: 0, maximum: null, isWhole: true, isOptional: false });
    expect(boundsOf(shape.method)).toBeNull();
  });
});
