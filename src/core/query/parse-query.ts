/** @file Reads a query: recursive descent that remembers what may stand at the place it has reached. */
import {
  comparisons,
  flags,
  memberships,
  type Comparison,
  type Expression,
  type FieldReference,
  type Literal,
} from './expression.ts';
import { builtinNamed, definitionOf } from './fields.ts';
import { queryError } from './query-error.ts';
import { describeWanted, type Wanted } from './wanted.ts';
import { readTokens, type Token } from './tokens.ts';

export const keywords = ['and', 'or', 'not', 'in', 'between', 'contains', 'is', 'empty'] as const;

/** Deeper than anyone writes, and far from what the stack and the database bear. */
const MOST_NESTED = 50;

/** The tree of a query; null: it is empty and holds for every image. Throws 'query-invalid' with the place. */
export function parseQuery(text: string): Expression | null {
  return new Parser(text).whole();
}

/** The field that a text names, such as `label_score` or `predicted(3)`. Throws 'query-invalid'. */
export function parseField(text: string): FieldReference {
  return new Parser(text).wholeField();
}

/** What may follow `text`, which is the beginning of a query; nothing where it is wrong before its end. */
export function wantedAfter(text: string): readonly Wanted[] {
  const parser = new Parser(text);
  try {
    parser.whole();
  } catch {
    // What is missing at the end is just what is asked for.
  }
  return parser.atEnd ? parser.wanted : [];
}

class Parser {
  /** Everything that was looked for at the present token. */
  wanted: Wanted[] = [];
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = readTokens(text);
  }

  get atEnd(): boolean {
    return this.#token.kind === 'end';
  }

  get #token(): Token {
    return this.#tokens[this.#index]!;
  }

  whole(): Expression | null {
    if (this.#tokens.length === 1) {
      this.#want({ kind: 'term' });
      return null;
    }
    const expression = this.#either();
    if (!this.atEnd) throw this.#unexpected();
    return expression;
  }

  wholeField(): FieldReference {
    if (this.#token.kind !== 'word' && this.#token.kind !== 'column') throw this.#unexpected();
    const field = this.#token.kind === 'column' ? this.#column() : this.#field();
    if (!this.atEnd) throw this.#unexpected();
    return field;
  }

  #either(): Expression {
    return this.#chain('or', () => this.#all());
  }

  #all(): Expression {
    return this.#chain('and', () => this.#negated());
  }

  #chain(kind: 'and' | 'or', next: () => Expression): Expression {
    const parts = [next()];
    while (this.#takeWord(kind)) parts.push(next());
    return parts.length === 1 ? parts[0]! : { kind, parts };
  }

  #negated(): Expression {
    if (!this.#isKeyword('not')) return this.#term();
    const { from } = this.#take();
    return this.#nested(from, () => ({ kind: 'not', inner: this.#negated() }));
  }

  #term(): Expression {
    this.#want({ kind: 'term' });
    const token = this.#token;
    if (token.kind === 'symbol' && token.text === '(') return this.#group();
    if (token.kind === 'column') return this.#condition(this.#column());
    if (token.kind === 'string' || token.kind === 'number') return this.#texts();
    if (token.kind !== 'word' || this.#isAnyKeyword()) throw this.#unexpected();
    return this.#named(token.text.toLowerCase());
  }

  /** A word that begins a condition, or is searched for. */
  #named(word: string): Expression {
    const membership = memberships.find((name) => name === word);
    if (membership !== undefined && this.#nextIsSymbol('(')) return this.#member(membership);
    if (this.#nextStartsCondition() || builtinNamed(word) !== null) return this.#condition(this.#field());
    const flag = flags.find((name) => name === word);
    if (flag === undefined) return this.#texts();
    this.#take();
    return { kind: 'flag', flag };
  }

  #group(): Expression {
    const { from } = this.#take();
    const inner = this.#nested(from, () => this.#either());
    this.#takeSymbol(')');
    return inner;
  }

  #nested(at: number, read: () => Expression): Expression {
    this.#depth++;
    if (this.#depth > MOST_NESTED)
      throw queryError(`more than ${MOST_NESTED} conditions lie within each other`, at);
    const expression = read();
    this.#depth--;
    return expression;
  }

  #member(of: (typeof memberships)[number]): Expression {
    this.#take();
    this.#takeSymbol('(');
    const name = this.#value({ kind: 'name', of });
    this.#takeSymbol(')');
    return { kind: 'member', of, name };
  }

  /** Words and quoted texts in a row: all of them are searched for. */
  #texts(): Expression {
    const parts: Expression[] = [];
    const first = this.#token;
    do parts.push({ kind: 'text', value: literalOf(this.#take()) });
    while (this.#isText());
    // One word alone may be the beginning of a condition on a column.
    const field: FieldReference = { kind: 'column', name: first.text, at: first.from };
    if (first.kind === 'word' && parts.length === 1) this.#want({ kind: 'operator', field, perhaps: true });
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }

  #isText(): boolean {
    const { kind, text } = this.#token;
    if (kind === 'string' || kind === 'number') return true;
    const isPlain = kind === 'word' && !this.#isAnyKeyword() && builtinNamed(text) === null;
    return isPlain && !this.#nextStartsCondition() && !flags.some((flag) => flag === text.toLowerCase());
  }

  #field(): FieldReference {
    const { text } = this.#token;
    const name = builtinNamed(text);
    if (name === null) return this.#column();
    const { from: at } = this.#take();
    if (definitionOf(name).ofModel !== true || !this.#isSymbol('('))
      return { kind: 'builtin', name, model: null, at };
    this.#take();
    const model = this.#value({ kind: 'name', of: 'unseen' });
    this.#takeSymbol(')');
    return { kind: 'builtin', name, model, at };
  }

  #column(): FieldReference {
    const { text, from } = this.#take();
    return { kind: 'column', name: text, at: from };
  }

  #condition(field: FieldReference): Expression {
    const isOrdered = field.kind === 'column' || definitionOf(field.name).kind === 'number';
    this.#want({ kind: 'operator', field });
    const token = this.#token;
    const comparison = comparisons.find((each) => token.kind === 'symbol' && token.text === each);
    if (comparison !== undefined) return this.#comparison(field, comparison, isOrdered);
    if (this.#takeWord('not')) {
      const inner = this.#wordCondition(field, isOrdered);
      if (inner !== null) return { kind: 'not', inner };
    }
    if (this.#takeWord('is')) return this.#emptiness(field);
    const condition = this.#wordCondition(field, isOrdered);
    if (condition === null) throw this.#unexpected();
    return condition;
  }

  #comparison(field: FieldReference, comparison: Comparison, isOrdered: boolean): Expression {
    if (!isOrdered && comparison !== '=' && comparison !== '!=') {
      const { at } = field;
      const name = field.name;
      throw queryError(`${name} has no order, so it takes = or !=, not ${comparison}`, at);
    }
    this.#take();
    return { kind: 'compare', field, comparison, value: this.#fieldValue(field) };
  }

  /** in (…), between … and …, contains …; null where none of these words stands here. */
  #wordCondition(field: FieldReference, isOrdered: boolean): Expression | null {
    const isNumber = field.kind === 'builtin' && definitionOf(field.name).kind === 'number';
    if (this.#takeWord('in')) return { kind: 'in', field, values: this.#list(field) };
    if (isOrdered && this.#takeWord('between')) {
      const low = this.#fieldValue(field);
      if (!this.#takeWord('and')) throw this.#unexpected();
      return { kind: 'between', field, low, high: this.#fieldValue(field) };
    }
    if (!isNumber && this.#takeWord('contains'))
      return { kind: 'contains', field, value: this.#value({ kind: 'text', field }) };
    return null;
  }

  #emptiness(field: FieldReference): Expression {
    const negated = this.#takeWord('not');
    if (!this.#takeWord('empty')) throw this.#unexpected();
    const empty = { kind: 'empty', field } as const;
    return negated ? { kind: 'not', inner: empty } : empty;
  }

  #list(field: FieldReference): Literal[] {
    this.#takeSymbol('(');
    const values = [this.#fieldValue(field)];
    while (this.#isSymbol(',')) {
      this.#take();
      values.push(this.#fieldValue(field));
    }
    this.#takeSymbol(')');
    return values;
  }

  /** A value that the field can have. */
  #fieldValue(field: FieldReference): Literal {
    const value = this.#value({ kind: 'value', field });
    if (field.kind === 'column') return value;
    const { kind, choices, example } = definitionOf(field.name);
    if (kind === 'number' && value.number === null)
      throw queryError(
        `expected a number for ${field.name}, found “${value.text}”; e.g. ${example}`,
        value.at,
      );
    if (choices !== undefined && !choices.includes(value.text))
      throw queryError(`expected ${choices.join(', ')} for ${field.name}, found “${value.text}”`, value.at);
    return value;
  }

  #value(wanted: Wanted): Literal {
    this.#want(wanted);
    const { kind } = this.#token;
    if (kind === 'string' || kind === 'number' || (kind === 'word' && !this.#isAnyKeyword()))
      return literalOf(this.#take());
    throw this.#unexpected();
  }

  #take(): Token {
    const token = this.#token;
    if (token.open) throw queryError(`the text that begins here has no closing quote`, token.from);
    this.#index++;
    this.wanted = [];
    return token;
  }

  #takeWord(text: (typeof keywords)[number]): boolean {
    this.#want({ kind: 'word', text });
    if (!this.#isKeyword(text)) return false;
    this.#take();
    return true;
  }

  #takeSymbol(text: string): void {
    this.#want({ kind: 'word', text });
    if (!this.#isSymbol(text)) throw this.#unexpected();
    this.#take();
  }

  #want(wanted: Wanted): void {
    this.wanted.push(wanted);
  }

  #isKeyword(text: string): boolean {
    return this.#token.kind === 'word' && this.#token.text.toLowerCase() === text;
  }

  #isAnyKeyword(): boolean {
    return keywords.some((word) => this.#isKeyword(word));
  }

  #isSymbol(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text;
  }

  #nextIsSymbol(text: string): boolean {
    const next = this.#tokens[this.#index + 1];
    return next?.kind === 'symbol' && next.text === text;
  }

  /** What follows this token makes it the name of a column. */
  #nextStartsCondition(): boolean {
    const next = this.#tokens[this.#index + 1];
    if (next?.kind === 'symbol') return comparisons.some((comparison) => comparison === next.text);
    if (next?.kind !== 'word') return false;
    const after = this.#tokens[this.#index + 2]?.text.toLowerCase();
    const word = next.text.toLowerCase();
    return (
      ['in', 'between', 'contains', 'is'].includes(word) ||
      (word === 'not' && ['in', 'between', 'contains'].includes(after ?? ''))
    );
  }

  #unexpected(): Error {
    const { kind, text, from, open } = this.#token;
    if (open) return queryError('the text that begins here has no closing quote', from);
    const found = kind === 'end' ? 'the end' : `“${text}”`;
    const before = this.#tokens[this.#index - 1];
    const place = before === undefined ? '' : ` after ${before.text}`;
    return queryError(`expected ${describeWanted(this.wanted)}${place}, found ${found}`, from);
  }
}

function literalOf({ text, number, from }: Token): Literal {
  return { text, number, at: from };
}
