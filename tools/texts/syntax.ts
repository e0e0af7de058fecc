/** @file Syntax trees of components and scripts: Svelte's own parser reads both, so that there is one kind of tree. */
import { parse } from 'svelte/compiler';

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface Tree {
  readonly root: Node;
  /** What was put in front of a script to make a component of it. */
  readonly offset: number;
}

const before = '<script lang="ts">';

export function parseFile(code: string, file: string): Tree {
  if (file.endsWith('.svelte'))
    return { root: parse(code, { modern: true, filename: file }) as unknown as Node, offset: 0 };
  const root = parse(`${before}${code}</script>`, { modern: true, filename: file });
  return { root: root as unknown as Node, offset: before.length };
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** The nodes right below, in the order of the tree. */
export function childrenOf(node: Node): Node[] {
  return Object.entries(node)
    .filter(([key]) => !key.endsWith('Comments') && key !== 'metadata')
    .flatMap(([, value]) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter(isNode);
}

/** The node under `key`; null where there is none. */
export function child(node: Node, key: string): Node | null {
  const value = node[key];
  return isNode(value) ? value : null;
}

export function list(node: Node, key: string): Node[] {
  const value = node[key];
  return Array.isArray(value) ? (value as unknown[]).filter(isNode) : [];
}

/** 'translate' of `translate(…)`, 'set' of `a.b.set(…)`. */
export function calleeName(call: Node): string {
  const callee = child(call, 'callee');
  if (callee === null) return '';
  if (callee.type === 'MemberExpression') return nameOf(child(callee, 'property'));
  return nameOf(callee);
}

/** The name of an identifier, the text of a string; '' of anything else. */
export function nameOf(node: Node | null): string {
  if (node === null) return '';
  if (typeof node['name'] === 'string') return node['name'];
  return typeof node['value'] === 'string' ? node['value'] : '';
}
