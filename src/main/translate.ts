/** @file Texts of menus and native dialogs in the language that the window chose; the build puts these calls around them (`tools/texts`). */
import { fill, type Values } from '../texts/fill.ts';
import { loadCatalogue, type Catalogue, type Language } from '../texts/languages.ts';

let catalogue: Catalogue = {};

export async function speak(language: Language): Promise<void> {
  catalogue = await loadCatalogue(language);
}

/**
 * The text in the chosen language, with values in its {holes}. English where there is no translation.
 * @public The build writes the calls.
 */
export function translate(text: string, values?: Values): string {
  return fill(catalogue[text] ?? text, values);
}
