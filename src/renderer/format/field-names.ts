/** @file Names of settings as a person reads them. */
import { translate } from '../texts/translate.svelte.ts';
import { fieldTitle as englishTitle } from './field-title.ts';

/** 'learningRate' → 'Learning rate', in the language of the window. */
export function fieldTitle(name: string): string {
  return translate(englishTitle(name));
}
