/**
 * @file `npm run texts`: brings the catalogues up to the source. New texts come in without a translation, texts that are gone go.
 * `--check` changes nothing, and fails where a text or a translation is missing or does not fit.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  faultsOf,
  readCatalogue,
  writeCatalogue,
  type Catalogue,
  type CatalogueText,
} from './texts/catalogue.ts';
import { collectTexts } from './texts/collect-texts.ts';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'src/texts');
const languages = ['zh', 'ja'] as const;

const { texts, problems } = collectTexts(root);
const faults = [...problems];
if (!process.argv.includes('--check')) writeCatalogues(texts);
faults.push(...templateFaults(texts));
for (const language of languages)
  faults.push(...faultsOf(texts, readOrEmpty(language)).map((fault) => `${language}: ${fault}`));
for (const fault of faults) console.log(fault);
console.log(`${texts.length} texts, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

function writeCatalogues(all: readonly CatalogueText[]): void {
  writeFileSync(path.join(folder, 'en.pot'), writeCatalogue(all, new Map(), null));
  for (const language of languages) {
    const { translations } = readOrEmpty(language);
    writeFileSync(fileOf(language), writeCatalogue(all, translations, language));
  }
}

function templateFaults(all: readonly CatalogueText[]): string[] {
  const template = readFileSync(path.join(folder, 'en.pot'), 'utf8');
  return template === writeCatalogue(all, new Map(), null)
    ? []
    : ['en.pot is not up to the source: run npm run texts'];
}

function readOrEmpty(language: string): Catalogue {
  return readCatalogue(existsSync(fileOf(language)) ? readFileSync(fileOf(language), 'utf8') : '');
}

function fileOf(language: string): string {
  return path.join(folder, `${language}.po`);
}
