/** @file What may stand at the cursor in a query that is being written. */
import { comparisons, flags, memberships, type FieldReference, type Membership } from './expression.ts';
import { builtinNames, definitionOf } from './fields.ts';
import { wantedAfter } from './parse-query.ts';
import { readTokens } from './tokens.ts';
import type { Wanted } from './wanted.ts';

/** The part of the text that a completion replaces, and what may stand there. */
export interface QueryPlace {
  readonly from: number;
  readonly to: number;
  /** What of it is before the cursor, without quotes. */
  readonly typed: string;
  readonly wanted: readonly Wanted[];
}

export interface Suggestion {
  /** That is put into the query. */
  readonly text: string;
  readonly note: string;
  readonly kind: 'field' | 'operator' | 'value' | 'word';
}

/** The word or quoted text that ends at the cursor or goes on after it; between words, nothing. */
export function placeAt(query: string, cursor: number): QueryPlace {
  const token = readTokens(query).find(
    ({ kind, from, to }) => kind !== 'symbol' && kind !== 'end' && from < cursor && cursor <= to,
  );
  const [from, to] = token === undefined ? [cursor, cursor] : [token.from, token.to];
  const typed = query.slice(from, cursor).replace(/^["'`]/u, '');
  return { from, to, typed, wanted: wantedAfter(query.slice(0, from)) };
}

/** What the language itself offers; values and names are the project's. */
export function suggestionsFor(wanted: Wanted): Suggestion[] {
  switch (wanted.kind) {
    case 'term':
      return [...fieldSuggestions, ...flagSuggestions, ...memberSuggestions, word('not ', 'the opposite')];
    case 'operator':
      return operatorsOf(wanted.field).map((text) => ({ text: `${text} `, note: '', kind: 'operator' }));
    case 'value':
      return choicesOf(wanted.field).map((text) => ({ text, note: '', kind: 'value' }));
    case 'word':
      // Words of a condition come with its other operators.
      return wanted.text === 'and' || wanted.text === 'or' || wanted.text === 'empty'
        ? [word(`${wanted.text} `, '')]
        : [];
    case 'text':
    case 'name':
      return [];
  }
}

const fieldSuggestions = builtinNames.map((name): Suggestion => ({
  text: `${name} `,
  note: definitionOf(name).meaning,
  kind: 'field',
}));

const flagMeanings: Readonly<Record<(typeof flags)[number], string>> = {
  missing: 'the file was gone at the last import',
  excluded: 'left out of trainings',
  issue: 'in the queue of the newest issue run',
  unlabelled: 'has no label',
  relabelled: 'has another label than was imported',
};
const flagSuggestions = flags.map((flag) => word(`${flag} `, flagMeanings[flag]));

const memberMeanings: Readonly<Record<Membership, string>> = {
  tagged: 'has a tag',
  subset: 'is in a subset',
  unseen: 'was not trained on by the model that predicted it',
};
const memberSuggestions = memberships.map((name) => word(`${name}(`, memberMeanings[name]));

function word(text: string, note: string): Suggestion {
  return { text, note, kind: 'word' };
}

function operatorsOf(field: FieldReference): string[] {
  const kind = field.kind === 'builtin' ? definitionOf(field.name).kind : 'column';
  const isOrdered = kind === 'number' || kind === 'column';
  return [
    ...(isOrdered ? comparisons : comparisons.slice(0, 2)),
    'in (',
    'not in (',
    ...(isOrdered ? ['between'] : []),
    ...(kind === 'number' ? [] : ['contains']),
    'is empty',
    'is not empty',
  ];
}

function choicesOf(field: FieldReference): readonly string[] {
  return field.kind === 'builtin' ? (definitionOf(field.name).choices ?? []) : [];
}
