/** @file A query's text as tokens with their places. */

export type TokenKind = 'word' | 'number' | 'string' | 'column' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Without quotes and escapes. */
  readonly text: string;
  /** Of a number, units applied. */
  readonly number: number | null;
  /** First character, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** A quote that does not end. */
  readonly open: boolean;
}

const units: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9 };
const QUOTED = /(["'`])((?:\\.|(?!\1)[^\\])*)(\1?)/suy;
const SYMBOL = /!=|<=|>=|[=<>(),]/uy;
const WORD = /[^\s()"'`,=!<>]+/uy;
const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(kb|mb|gb)?$/iu;

/** Every token, the end last. Characters that start none are symbols of their own, for the parser to refuse. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, tokens.at(-1)!.to))
    tokens.push(readToken(text, at));
  return [
    ...tokens,
    { kind: 'end', text: '', number: null, from: text.length, to: text.length, open: false },
  ];
}

function readToken(text: string, from: number): Token {
  const quoted = matchAt(QUOTED, text, from);
  if (quoted !== null) {
    const [whole, quote, inner, end] = quoted;
    const kind = quote === '`' ? 'column' : 'string';
    const plain = inner!.replace(/\\(.)/gsu, '$1');
    return { kind, text: plain, number: null, from, to: from + whole.length, open: end === '' };
  }
  const word = matchAt(WORD, text, from)?.[0];
  if (word !== undefined) {
    const number = numberIn(word);
    const kind = number === null ? 'word' : 'number';
    return { kind, text: word, number, from, to: from + word.length, open: false };
  }
  const symbol = matchAt(SYMBOL, text, from)?.[0] ?? text[from]!;
  return { kind: 'symbol', text: symbol, number: null, from, to: from + symbol.length, open: false };
}

/** The value of a number with or without a unit of bytes; null: it is none. */
function numberIn(word: string): number | null {
  const found = NUMBER.exec(word);
  if (found === null) return null;
  const value = Number(found[1]) * (units[found[2]?.toLowerCase() ?? ''] ?? 1);
  return Number.isFinite(value) ? value : null;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/u.test(text[at]!)) at++;
  return at;
}
