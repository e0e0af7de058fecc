/** @file What the parser of queries looks for at one place: the ground of its errors and of completion. */
import type { FieldReference, Membership } from './expression.ts';
import { definitionOf } from './fields.ts';

export type Wanted =
  /** A field, a flag, a text, a parenthesis. */
  | { readonly kind: 'term' }
  /** perhaps: the word before may as well be a text to search for. */
  | { readonly kind: 'operator'; readonly field: FieldReference; readonly perhaps?: true }
  | { readonly kind: 'value'; readonly field: FieldReference }
  | { readonly kind: 'text'; readonly field: FieldReference }
  /** Of a tag, a subset or a model. */
  | { readonly kind: 'name'; readonly of: Membership }
  /** A word of the language, or a parenthesis or comma. */
  | { readonly kind: 'word'; readonly text: string };

const nameWords: Readonly<Record<Membership, string>> = {
  tagged: 'the name of a tag',
  subset: 'the name of a subset',
  unseen: 'the number or name of a model',
};

/** For a person: 'a value', 'and, or, or )'. Words that only a field's own condition has are told with its operators. */
export function describeWanted(wanted: readonly Wanted[]): string {
  const operator = wanted.find((each) => each.kind === 'operator');
  if (operator !== undefined && operator.perhaps !== true)
    return `a condition such as ${exampleOf(operator.field)}`;
  const parts = wanted.map((each) => {
    switch (each.kind) {
      case 'term':
        return 'a condition';
      case 'operator':
        return 'an operator';
      case 'value':
        return `a value, as in ${exampleOf(each.field)},`;
      case 'text':
        return 'a text';
      case 'name':
        return nameWords[each.of];
      case 'word':
        return `“${each.text}”`;
    }
  });
  const [last, ...others] = [...new Set(parts)].reverse();
  return others.length === 0 ? (last ?? 'the end') : `${others.reverse().join(', ')} or ${last!}`;
}

function exampleOf(field: FieldReference): string {
  return field.kind === 'builtin' ? definitionOf(field.name).example : `${field.name} = "…"`;
}
