/** @file A file while it is being written anew: what was found in it, and what stands where by now. */
import MagicString from 'magic-string';
import { child, parseFile, type Node } from './syntax.ts';
import type { Hole } from './message.ts';

export interface FoundText {
  readonly text: string;
  /** Of quantities: what stands where there is more than one. */
  readonly plural: string | null;
}

/** What the look-up functions are called in the written code. */
const localNames = { translate: 'translate_', translateParts: 'translateParts_' } as const;

export class Rewriting {
  readonly root: Node;
  readonly texts: FoundText[] = [];
  /** What keeps a text from being translated, with its line. */
  readonly problems: string[] = [];
  readonly code: MagicString;
  isChanged = false;
  readonly #source: string;
  readonly #file: string;
  readonly #offset: number;
  readonly #called = new Set<keyof typeof localNames>();

  constructor(source: string, file: string) {
    const { root, offset } = parseFile(source, file);
    this.root = root;
    this.code = new MagicString(source);
    this.#source = source;
    this.#file = file;
    this.#offset = offset;
  }

  record(text: string): void {
    this.texts.push({ text, plural: null });
  }

  /** @param many With an s where null. */
  recordQuantity(one: string, many: string | null): void {
    if (one !== '') this.texts.push({ text: `{count} ${one}`, plural: `{count} ${many ?? `${one}s`}` });
  }

  report(node: Node, reason: string): void {
    const line = this.#source.slice(0, node.start - this.#offset).split('\n').length;
    this.problems.push(`${this.#file}:${line}: ${reason}`);
  }

  original(node: Node): string {
    return this.#source.slice(node.start - this.#offset, node.end - this.#offset);
  }

  /** What stands at a node by now. */
  written(node: Node): string {
    return this.between(node.start, node.end);
  }

  /** What stands between two places of the original by now. */
  between(start: number, end: number): string {
    return this.code.slice(start - this.#offset, end - this.#offset);
  }

  write(node: Pick<Node, 'start' | 'end'>, text: string): void {
    this.code.overwrite(node.start - this.#offset, node.end - this.#offset, text);
    this.isChanged = true;
  }

  /** Nodes side by side without the white space at their ends. */
  trimmed(nodes: readonly Node[]): { start: number; end: number } {
    let start = nodes[0]?.start ?? 0;
    let end = nodes.at(-1)?.end ?? 0;
    while (/\s/.test(this.#source[start] ?? '')) start++;
    while (/\s/.test(this.#source[end - 1] ?? '')) end--;
    return { start, end };
  }

  /** A call that looks a text up. */
  lookUp(text: string, holes: readonly Hole[], name: keyof typeof localNames = 'translate'): string {
    this.#called.add(name);
    const values = holes.map((hole) => `${hole.name}: ${this.written(hole.expression)}`).join(', ');
    const rest = holes.length === 0 && name === 'translate' ? '' : `, { ${values} }`;
    return `${localNames[name]}(${JSON.stringify(text)}${rest})`;
  }

  /** Imports what was called, once all is written. */
  importLookUps(path: string): void {
    if (this.#called.size === 0) return;
    const names = [...this.#called].map((name) => `${name} as ${localNames[name]}`).join(', ');
    const line = `import { ${names} } from ${JSON.stringify(path)};`;
    const script = child(this.root, 'module') ?? child(this.root, 'instance');
    if (this.#offset > 0) this.code.prepend(`${line}\n`);
    else if (script === null) this.code.prepend(`<script lang="ts">${line}</script>\n`);
    else this.code.appendLeft(child(script, 'content')?.start ?? 0, `\n${line}`);
  }
}
