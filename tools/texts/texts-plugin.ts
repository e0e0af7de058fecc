/** @file Part of the window's build: texts are looked up in the chosen language, and catalogues are modules. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';
import { readCatalogue } from './catalogue.ts';
import { findTexts } from './find-texts.ts';
import { holdsTexts } from './text-rules.ts';

/** Builds run from the repository's root; the configuration, and this file in it, are bundled elsewhere. */
const root = process.cwd();

/** @param lookUpPath The module that looks texts up, from the repository's root. */
export function texts(lookUpPath: string): Plugin {
  return {
    name: 'whence-texts',
    // Before Svelte compiles components.
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('.po')) return null;
      const { translations } = readCatalogue(readFileSync(id, 'utf8'));
      return `export default ${JSON.stringify(Object.fromEntries(translations))};`;
    },
    transform(code, id) {
      if (!holdsTexts(id)) return null;
      const findings = findTexts(code, path.relative(root, id), path.join(root, lookUpPath));
      const [problem] = findings.problems;
      if (problem !== undefined) this.error(problem);
      if (!findings.isChanged) return null;
      return { code: findings.code.toString(), map: findings.code.generateMap({ source: id, hires: true }) };
    },
  };
}
