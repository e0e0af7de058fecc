/** @file Finds the texts of a component or script, and writes it anew with every text looked up in the catalogue. */
import type MagicString from 'magic-string';
import { MarkupTexts } from './markup-texts.ts';
import { Rewriting, type FoundText } from './rewriting.ts';
import { ScriptTexts } from './script-texts.ts';
import { child } from './syntax.ts';

export interface Findings {
  readonly texts: readonly FoundText[];
  /** What keeps a text from being translated, with its line. */
  readonly problems: readonly string[];
  /** With the texts looked up; the same as before where there are none. */
  readonly code: MagicString;
  readonly isChanged: boolean;
}

/** @param lookUpPath Where the written code imports the look-up from. */
export function findTexts(source: string, file: string, lookUpPath: string): Findings {
  let constants: ReadonlySet<string> = new Set();
  // What reads a constant with a text may be such a constant itself: until no further one is found.
  for (;;) {
    const rewriting = new Rewriting(source, file);
    const script = new ScriptTexts(rewriting, constants);
    visitAll(rewriting, script);
    rewriting.importLookUps(lookUpPath);
    if (script.constants.size === constants.size) return rewriting;
    constants = script.constants;
  }
}

function visitAll(rewriting: Rewriting, script: ScriptTexts): void {
  for (const key of ['module', 'instance']) {
    const element = child(rewriting.root, key);
    const program = element === null ? null : child(element, 'content');
    if (program !== null) script.visit(program, { isLazy: false, readBy: 'code' });
  }
  const fragment = child(rewriting.root, 'fragment');
  if (fragment !== null) new MarkupTexts(rewriting, script).visit(fragment);
}
