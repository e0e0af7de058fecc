/** @file What a number of a config may be, read from its schema: forms say it before the engine has to refuse it. */
import { z } from 'zod';

export interface FieldBounds {
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly isWhole: boolean;
  /** It may be left open. */
  readonly isOptional: boolean;
}

/** Looks through defaults and nullables for the number; null where the field holds none. */
export function boundsOf(field: z.ZodType): FieldBounds | null {
  if (field instanceof z.ZodDefault) return boundsOf(field.unwrap() as z.ZodType);
  if (field instanceof z.ZodNullable) {
    const bounds = boundsOf(field.unwrap() as z.ZodType);
    return bounds === null ? null : { ...bounds, isOptional: true };
  }
  if (!(field instanceof z.ZodNumber)) return null;
  const isWhole = field.format === 'safeint';
  return {
    minimum: finite(field.minValue),
    maximum: finite(field.maxValue, isWhole),
    isWhole,
    isOptional: false,
  };
}

/** Whole numbers are bounded by what a float can tell apart: no bound that anybody has set. */
function finite(bound: number | null, isWhole = false): number | null {
  if (bound === null || !Number.isFinite(bound)) return null;
  return isWhole && bound === Number.MAX_SAFE_INTEGER ? null : bound;
}
