/** @file Random trees of queries. */
import fc from 'fast-check';
import {
  comparisons,
  flags,
  memberships,
  type Expression,
  type FieldReference,
  type Literal,
} from '../src/core/query/expression.ts';
import { builtinNames, definitionOf } from '../src/core/query/fields.ts';

interface Words {
  readonly columns: readonly string[];
  /** Of classes, tags, subsets and columns; any text where not given. */
  readonly texts?: readonly string[];
  readonly tags?: readonly string[];
  readonly classes?: readonly string[];
  readonly numbers?: readonly number[];
  /** Conditions that the project of a test can answer. */
  readonly memberships?: readonly (typeof memberships)[number][];
}

/** Trees that a person could write: every field under conditions that fit it. */
export function anyExpression(words: Words): fc.Arbitrary<Expression> {
  const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      anyCondition(words),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        parts: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      }),
      tie('tree').map((inner): Expression => ({ kind: 'not', inner })),
    ),
  }));
  return tree;
}

function anyCondition(words: Words): fc.Arbitrary<Expression> {
  const text = literal(words.texts === undefined ? fc.string() : fc.constantFrom(...words.texts));
  const tag = literal(words.tags === undefined ? fc.string() : fc.constantFrom(...words.tags));
  return fc.oneof(
    { weight: 6, arbitrary: anyField(words).chain((field) => conditionOn(field, words)) },
    fc.constantFrom(...flags).map((flag): Expression => ({ kind: 'flag', flag })),
    fc
      .record({ of: fc.constantFrom(...(words.memberships ?? memberships)), name: tag })
      .map((member): Expression => ({ kind: 'member', ...member })),
    text.map((value): Expression => ({ kind: 'text', value })),
  );
}

function anyField({ columns }: Words): fc.Arbitrary<FieldReference> {
  return fc.oneof(
    fc
      .constantFrom(...builtinNames)
      .map((name): FieldReference => ({ kind: 'builtin', name, model: null, at: -1 })),
    fc.constantFrom(...columns).map((name): FieldReference => ({ kind: 'column', name, at: -1 })),
  );
}

function conditionOn(field: FieldReference, words: Words): fc.Arbitrary<Expression> {
  const value = valueOf(field, words);
  const kind = field.kind === 'builtin' ? definitionOf(field.name).kind : 'column';
  const isOrdered = kind === 'number' || kind === 'column';
  const isText = kind !== 'number';
  const text = literal(words.texts === undefined ? fc.string() : fc.constantFrom(...words.texts));
  const forms: fc.Arbitrary<Expression>[] = [
    fc
      .record({ comparison: fc.constantFrom(...comparisons.slice(0, isOrdered ? undefined : 2)), value })
      .map((condition): Expression => ({ kind: 'compare', field, ...condition })),
    fc
      .array(value, { minLength: 1, maxLength: 3 })
      .map((values): Expression => ({ kind: 'in', field, values })),
    fc.constant<Expression>({ kind: 'empty', field }),
  ];
  if (isOrdered)
    forms.push(
      fc.tuple(value, value).map(([low, high]): Expression => ({ kind: 'between', field, low, high })),
    );
  if (isText) forms.push(text.map((part): Expression => ({ kind: 'contains', field, value: part })));
  return fc.oneof(...forms);
}

function valueOf(field: FieldReference, words: Words): fc.Arbitrary<Literal> {
  const number = (
    words.numbers === undefined
      ? fc.double({ noNaN: true, noDefaultInfinity: true })
      : fc.constantFrom(...words.numbers)
  ).map((value): Literal => ({ text: String(value), number: Number(String(value)), at: -1 }));
  const text = literal(words.texts === undefined ? fc.string() : fc.constantFrom(...words.texts));
  if (field.kind === 'column') return fc.oneof(number, text);
  const { kind, choices } = definitionOf(field.name);
  if (choices !== undefined) return literal(fc.constantFrom(...choices));
  if (kind === 'class' && words.classes !== undefined) return literal(fc.constantFrom(...words.classes));
  return kind === 'number' ? number : text;
}

function literal(text: fc.Arbitrary<string>): fc.Arbitrary<Literal> {
  return text.map((value) => ({ text: value, number: null, at: -1 }));
}
