/** @file A query after a tag it names was renamed. */
import type { Expression } from './expression.ts';

/** The same tree where it does not name the tag. */
export function renameTagIn(expression: Expression, before: string, after: string): Expression {
  const renamed = (part: Expression): Expression => renameTagIn(part, before, after);
  switch (expression.kind) {
    case 'and':
    case 'or':
      return { ...expression, parts: expression.parts.map(renamed) };
    case 'not':
      return { ...expression, inner: renamed(expression.inner) };
    case 'member': {
      const { of, name } = expression;
      const isIt = of === 'tagged' && name.text === before;
      return isIt ? { ...expression, name: { text: after, number: null, at: name.at } } : expression;
    }
    default:
      return expression;
  }
}
