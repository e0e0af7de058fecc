/** @file All texts of the window, from the source. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, type CatalogueText } from './catalogue.ts';
import { findTexts } from './find-texts.ts';
import { namedTexts } from './named-texts.ts';
import { holdsTexts } from './text-rules.ts';

export interface CollectedTexts {
  readonly texts: readonly CatalogueText[];
  readonly problems: readonly string[];
}

/** In the order of files and of lines. @param root The repository. */
export function collectTexts(root: string): CollectedTexts {
  const found = new Map<string, { entry: Omit<CatalogueText, 'files'>; files: Set<string> }>();
  const problems: string[] = [];
  function add(entry: Omit<CatalogueText, 'files'>, file: string): void {
    const { files } = found.get(keyOf(entry)) ?? { files: new Set<string>() };
    found.set(keyOf(entry), { entry, files: files.add(file) });
  }
  for (const file of filesOf(root)) {
    const findings = findTexts(readFileSync(path.join(root, file), 'utf8'), file, '');
    problems.push(...findings.problems);
    for (const { text, plural } of findings.texts) add({ text, plural, isSaid: false }, file);
  }
  for (const { text, file, isSaid } of namedTexts()) add({ text, plural: null, isSaid }, file);
  const texts = [...found.values()].map(({ entry, files }) => ({ ...entry, files: [...files] }));
  return { texts, problems };
}

function filesOf(root: string): string[] {
  return globSync('src/{renderer,contract,main}/**/*.{svelte,ts}', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter(holdsTexts)
    .sort();
}
