/** @file A query's tree as text that reads back as the same tree. */
import { flags, memberships, type Expression, type FieldReference, type Literal } from './expression.ts';
import { builtinNamed } from './fields.ts';
import { keywords } from './parse-query.ts';

export function printQuery(expression: Expression | null): string {
  return expression === null ? '' : print(expression);
}

/** Text in quotes, to stand where a value may. */
export function quoteText(text: string): string {
  return `"${text.replace(/[\\"]/gu, '\\$&')}"`;
}

/** A column's name as it may stand in a query: in backquotes where it could be read as something else. */
export function quoteColumn(name: string): string {
  const reserved: readonly string[] = [...keywords, ...flags, ...memberships];
  const isPlain = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name);
  if (isPlain && builtinNamed(name) === null && !reserved.includes(name.toLowerCase())) return name;
  return `\`${name.replace(/[\\`]/gu, '\\$&')}\``;
}

function print(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.parts.map((part) => within(part, expression.kind)).join(` ${expression.kind} `);
    case 'not':
      return `not ${within(expression.inner, 'not')}`;
    case 'compare':
      return `${printField(expression.field)} ${expression.comparison} ${printLiteral(expression.value)}`;
    case 'in':
      return `${printField(expression.field)} in (${expression.values.map(printLiteral).join(', ')})`;
    case 'between':
      return `${printField(expression.field)} between ${printLiteral(expression.low)} and ${printLiteral(expression.high)}`;
    case 'contains':
      return `${printField(expression.field)} contains ${printLiteral(expression.value)}`;
    case 'empty':
      return `${printField(expression.field)} is empty`;
    case 'flag':
      return expression.flag;
    case 'member':
      return `${expression.of}(${printLiteral(expression.name)})`;
    case 'text':
      return printLiteral(expression.value);
  }
}

/** `or` binds loosest, then `and`, then `not`; a chain within a chain of its own kind keeps its parentheses. */
function within(part: Expression, outer: 'and' | 'or' | 'not'): string {
  const isLooser = part.kind === 'or' || (part.kind === 'and' && outer !== 'or');
  return isLooser ? `(${print(part)})` : print(part);
}

function printField(field: FieldReference): string {
  if (field.kind === 'column') return quoteColumn(field.name);
  return field.model === null ? field.name : `${field.name}(${printLiteral(field.model)})`;
}

function printLiteral({ text, number }: Literal): string {
  return number === null ? quoteText(text) : text;
}
