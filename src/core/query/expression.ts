/** @file What a query says, as a tree. `at` is a place in the text, counted from 0; -1 where a tree was not read from one. */
import type { BuiltinField } from './fields.ts';

/** A word, a quoted text or a number as written. */
export interface Literal {
  readonly text: string;
  /** Its value where it was written as a number, units applied; null: a word or a quoted text. */
  readonly number: number | null;
  readonly at: number;
}

/** What is compared: a field that every project has, or a column of imported tables. */
export type FieldReference =
  | {
      readonly kind: 'builtin';
      readonly name: BuiltinField;
      /** Number or name of the model that predicted; null: the newest. */
      readonly model: Literal | null;
      readonly at: number;
    }
  | { readonly kind: 'column'; readonly name: string; readonly at: number };

export const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof comparisons)[number];

export const flags = ['missing', 'excluded', 'issue', 'unlabelled', 'relabelled'] as const;
export type Flag = (typeof flags)[number];

/** tagged("name"), subset("name"), unseen("model"): the model's prediction was made without training on the image. */
export const memberships = ['tagged', 'subset', 'unseen'] as const;
export type Membership = (typeof memberships)[number];

/**
 * A condition that holds for an image or does not. A field without a value meets no condition but `empty` and `!=`, which
 * is the opposite of `=`.
 */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly inner: Expression }
  | {
      readonly kind: 'compare';
      readonly field: FieldReference;
      readonly comparison: Comparison;
      readonly value: Literal;
    }
  | { readonly kind: 'in'; readonly field: FieldReference; readonly values: readonly Literal[] }
  | {
      readonly kind: 'between';
      readonly field: FieldReference;
      readonly low: Literal;
      readonly high: Literal;
    }
  | { readonly kind: 'contains'; readonly field: FieldReference; readonly value: Literal }
  | { readonly kind: 'empty'; readonly field: FieldReference }
  | { readonly kind: 'flag'; readonly flag: Flag }
  | { readonly kind: 'member'; readonly of: Membership; readonly name: Literal }
  /** Stands in the path, the label, a tag or a column. */
  | { readonly kind: 'text'; readonly value: Literal };
