/** @file What a query means, one image at a time: the plain reading that the database must agree with. */
import type { Expression, FieldReference, Literal } from '../src/core/query/expression.ts';

/** What an image has in each field; a field that it lacks is absent or null. */
export interface QueriedImage {
  readonly fields: Readonly<Record<string, string | number | null>>;
  readonly columns: ReadonlyMap<string, string>;
  readonly tags: readonly string[];
  readonly subsets: readonly string[];
  readonly missing: boolean;
  readonly excluded: boolean;
  readonly issue: boolean;
  readonly unseen: boolean;
}

export function holdsFor(image: QueriedImage, expression: Expression): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.parts.every((part) => holdsFor(image, part));
    case 'or':
      return expression.parts.some((part) => holdsFor(image, part));
    case 'not':
      return !holdsFor(image, expression.inner);
    case 'flag':
      return flagHolds(image, expression.flag);
    case 'member':
      return isMember(image, expression);
    case 'text':
      return textsOf(image).some((text) => contains(text, expression.value.text));
    default:
      return fieldHolds(image, expression);
  }
}

function fieldHolds(
  image: QueriedImage,
  expression: Extract<Expression, { readonly field: unknown }>,
): boolean {
  const value = valueOf(image, expression.field);
  switch (expression.kind) {
    case 'empty':
      return value === null;
    case 'contains':
      return value !== null && contains(String(value), expression.value.text);
    case 'in':
      return expression.values.some((wanted) => isEqual(image, expression.field, wanted));
    case 'between':
      return (
        isOrdered(image, expression.field, '>=', expression.low) &&
        isOrdered(image, expression.field, '<=', expression.high)
      );
    case 'compare': {
      const { field, comparison, value: wanted } = expression;
      if (comparison === '=') return isEqual(image, field, wanted);
      if (comparison === '!=') return !isEqual(image, field, wanted);
      return isOrdered(image, field, comparison, wanted);
    }
  }
}

function flagHolds(image: QueriedImage, flag: Extract<Expression, { kind: 'flag' }>['flag']): boolean {
  const { label = null, given_label: given = null } = image.fields;
  return {
    missing: image.missing,
    excluded: image.excluded,
    issue: image.issue,
    unlabelled: label === null,
    relabelled: label !== given,
  }[flag];
}

function isMember(image: QueriedImage, { of, name }: Extract<Expression, { kind: 'member' }>): boolean {
  if (of === 'unseen') return image.unseen;
  return (of === 'tagged' ? image.tags : image.subsets).includes(name.text);
}

function textsOf({ fields, columns, tags }: QueriedImage): string[] {
  const texts = [fields['path'], fields['label'], ...columns.values(), ...tags];
  return texts.filter((text) => typeof text === 'string');
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function valueOf(image: QueriedImage, field: FieldReference): string | number | null {
  return (field.kind === 'column' ? image.columns.get(field.name) : image.fields[field.name]) ?? null;
}

function isEqual(image: QueriedImage, field: FieldReference, wanted: Literal): boolean {
  const value = valueOf(image, field);
  if (value === null) return false;
  if (typeof value === 'number') return value === wanted.number;
  const isSameNumber = field.kind === 'column' && wanted.number !== null && numberIn(value) === wanted.number;
  return value === wanted.text || isSameNumber;
}

function isOrdered(
  image: QueriedImage,
  field: FieldReference,
  comparison: '<' | '<=' | '>' | '>=',
  bound: Literal,
): boolean {
  const value = valueOf(image, field);
  if (value === null) return false;
  const left = bound.number === null ? String(value) : numberIn(String(value));
  const right = bound.number ?? bound.text;
  if (left === null) return false;
  return { '<': left < right, '<=': left <= right, '>': left > right, '>=': left >= right }[comparison];
}

/** '07' is no number: it would not be written back so. */
function numberIn(text: string): number | null {
  return text.trim() === '' || /^0\d/.test(text) || Number.isNaN(Number(text)) ? null : Number(text);
}
