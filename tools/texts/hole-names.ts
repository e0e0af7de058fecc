/** @file Names of the holes in a text: what the value is about, so that a translator knows. */
import { calleeName, child, list, nameOf, type Node } from './syntax.ts';

const lengths = new Set(['length', 'size']);

/** What an expression is about, for the name of its hole: `issue.rank` and `formatCount(issue.rank)` → 'rank'. */
export function holeName(node: Node): string {
  switch (node.type) {
    case 'Identifier':
      return nameOf(node);
    case 'MemberExpression':
      return memberName(node);
    case 'CallExpression':
      return callName(node);
    case 'ChainExpression':
    case 'TSNonNullExpression':
    case 'TSAsExpression':
      return below(node, 'expression');
    case 'LogicalExpression':
    case 'BinaryExpression':
      return below(node, 'left');
    case 'AwaitExpression':
    case 'UnaryExpression':
      return below(node, 'argument');
    default:
      return unnamed;
  }
}

const unnamed = 'part';

function below(node: Node, key: string): string {
  const found = child(node, key);
  return found === null ? unnamed : holeName(found);
}

/** `ids.length` → 'idsCount', `words[kind]` → 'words'. */
function memberName(node: Node): string {
  if (node['computed'] === true) return below(node, 'object');
  const name = nameOf(child(node, 'property')).replace(/^#/, '');
  return lengths.has(name) ? `${below(node, 'object')}Count` : name;
}

/** `formatQuantity(n, 'image')` → 'images', `value.toFixed(2)` → 'value', `runTitle(run)` → 'title'. */
function callName(node: Node): string {
  const callee = child(node, 'callee');
  const name = calleeName(node);
  const [first] = list(node, 'arguments');
  const isAboutFirst =
    /^(format|Number$|String$)/.test(name) || nameOf(child(callee ?? node, 'object')) === 'Math';
  if (name === 'formatQuantity') return quantityName(node);
  if (isAboutFirst && first !== undefined) return holeName(first);
  const isOfObject = callee?.type === 'MemberExpression' && !/[a-z](Name|Text|Title|Words)$/.test(name);
  return isOfObject ? below(callee, 'object') : withoutVerb(name);
}

function quantityName(node: Node): string {
  const [count, noun, many] = list(node, 'arguments');
  if (noun?.type === 'Literal') return camelCase(many === undefined ? `${nameOf(noun)}s` : nameOf(many));
  return count === undefined ? unnamed : holeName(count);
}

/** 'countIssues' → 'issues', 'className' → 'name'. */
function withoutVerb(name: string): string {
  const rest = /^[a-z]+(?=[A-Z])(.*)$/.exec(name)?.[1] ?? '';
  return rest === '' ? name : rest.charAt(0).toLowerCase() + rest.slice(1);
}

function camelCase(words: string): string {
  return words.replace(/[^\p{L}]+(\p{L})?/gu, (_, letter: string | undefined) => letter?.toUpperCase() ?? '');
}
