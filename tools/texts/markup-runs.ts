/** @file Sentences in markup: neighbouring texts and values, with the elements that may stand inside a sentence. */
import { child, list, nameOf, type Node } from './syntax.ts';
import { inlineElements } from './text-rules.ts';

/** The runs of siblings that are one text each; what stands between them divides sentences. */
export function findRuns(nodes: readonly Node[]): Node[][] {
  const runs: Node[][] = [[]];
  for (const node of nodes) {
    if (belongs(node)) runs.at(-1)?.push(node);
    else runs.push([]);
  }
  return runs
    .map(trim)
    .filter((run) => run.some((node) => node.type === 'Text' && /\p{L}/u.test(dataOf(node))));
}

/** Whether an element holds nothing but texts and values, so that these are part of the sentence around it. */
export function isPlain(element: Node): boolean {
  const nodes = contents(element);
  return nodes.length > 0 && nodes.every((node) => node.type === 'Text' || node.type === 'ExpressionTag');
}

function belongs(node: Node): boolean {
  if (node.type === 'Text' || node.type === 'ExpressionTag') return true;
  return node.type === 'RegularElement' && inlineElements.has(nameOf(node));
}

/** Without white space and empty elements at the ends, such as swatches of a legend. */
function trim(run: readonly Node[]): Node[] {
  const first = run.findIndex(saysSomething);
  const last = run.findLastIndex(saysSomething);
  return first < 0 ? [] : run.slice(first, last + 1);
}

function saysSomething(node: Node): boolean {
  if (node.type === 'Text') return dataOf(node).trim() !== '';
  return node.type === 'ExpressionTag' || contents(node).length > 0;
}

function contents(element: Node): Node[] {
  return list(child(element, 'fragment') ?? element, 'nodes');
}

function dataOf(text: Node): string {
  return String(text['data']);
}
