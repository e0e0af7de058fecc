/** @file What a setting of a config may hold, read from its schema: forms are made from it, and say bounds before the engine has to refuse. */
import { z } from 'zod';

export type FieldKind =
  | {
      readonly kind: 'number';
      readonly minimum: number | null;
      readonly maximum: number | null;
      readonly isWhole: boolean;
      /** It may be left open. */
      readonly isOptional: boolean;
    }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'choices'; readonly options: readonly string[] }
  | { readonly kind: 'numbers' }
  | { readonly kind: 'text' };

/** Looks through defaults and nullables for what a person has to give. */
export function fieldKindOf(field: z.ZodType): FieldKind {
  if (field instanceof z.ZodDefault) return fieldKindOf(field.unwrap() as z.ZodType);
  if (field instanceof z.ZodNullable) {
    const inner = fieldKindOf(field.unwrap() as z.ZodType);
    return inner.kind === 'number' ? { ...inner, isOptional: true } : inner;
  }
  if (field instanceof z.ZodNumber) return numberKind(field);
  if (field instanceof z.ZodEnum) return { kind: 'choice', options: field.options.map(String) };
  if (!(field instanceof z.ZodArray)) return { kind: 'text' };
  const element = fieldKindOf(field.element as z.ZodType);
  return element.kind === 'choice' ? { kind: 'choices', options: element.options } : { kind: 'numbers' };
}

function numberKind(field: z.ZodNumber): FieldKind {
  const isWhole = field.format === 'safeint';
  const finite = (bound: number | null): number | null =>
    bound === null || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? null : bound;
  return {
    kind: 'number',
    minimum: finite(field.minValue),
    maximum: finite(field.maxValue),
    isWhole,
    isOptional: false,
  };
}
