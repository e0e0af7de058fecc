/** @file How numbers and dates are written in the language of the window. */
import type { Language } from '../../texts/languages.ts';
import { spokenLanguage } from '../texts/translate.svelte.ts';

const locales = { en: 'en-GB', zh: 'zh-CN', ja: 'ja-JP' } as const satisfies Record<Language, string>;

/** A formatter for the language of the window, made once for each language. */
export function byLanguage<Formatter>(make: (locale: string) => Formatter): () => Formatter {
  const made = new Map<Language, Formatter>();
  return () => {
    const language = spokenLanguage();
    const formatter = made.get(language) ?? make(locales[language]);
    made.set(language, formatter);
    return formatter;
  };
}
