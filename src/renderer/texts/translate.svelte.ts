/**
 * @file The texts of the window in the language that was chosen. English stands in the source and is the key; the build puts these calls
 * around it (`tools/texts`), and `docs/translating.md` says how. Who reads a text reads it anew when the language changes.
 */
import { fill, type Values } from '../../texts/fill.ts';
import type { Catalogue, Language } from '../../texts/languages.ts';
import { saidPrefix } from '../../texts/said.ts';

/** A piece of a sentence; `tag` is the number of the element that it stands in, null outside of all. */
export interface Part {
  readonly text: string;
  readonly tag: number | null;
}

interface Spoken {
  readonly language: Language;
  readonly catalogue: Catalogue;
  readonly said: readonly SaidTemplate[];
}

interface SaidTemplate {
  readonly pattern: RegExp;
  readonly holes: readonly string[];
  readonly translation: string;
}

let spoken = $state.raw<Spoken>({ language: 'en', catalogue: {}, said: [] });

/** The language that the window is in. */
export function spokenLanguage(): Language {
  return spoken.language;
}

/** @param catalogue Of the language; empty: English, whose texts are in the source. */
export function speak(language: Language, catalogue: Catalogue): void {
  spoken = { language, catalogue, said: saidTemplates(catalogue) };
}

/** The text in the chosen language, with values in its {holes}. English where there is no translation. */
export function translate(text: string, values?: Values): string {
  return fill(spoken.catalogue[text] ?? text, values);
}

/** So many things: the noun by number, the number as `shown`. */
export function translateQuantity(count: number, shown: string, one: string, many: string): string {
  const translated = spoken.catalogue[`{count} ${one}|{count} ${many}`];
  if (translated !== undefined) return fill(translated, { count: shown });
  return `${shown} ${count === 1 ? one : many}`;
}

/** A sentence that the engine said, known by its template; as it came where there is none. */
export function translateSaid(sentence: string): string {
  const exact = spoken.catalogue[saidPrefix + sentence];
  if (exact !== undefined) return exact;
  for (const { pattern, holes, translation } of spoken.said) {
    const match = pattern.exec(sentence);
    if (match === null) continue;
    // A value may be said by the engine too ('3 images'); single words are names that people gave.
    const values = match.slice(1).map((value) => (value.includes(' ') ? translateSaid(value) : value));
    return fill(translation, Object.fromEntries(holes.map((hole, index) => [hole, values[index]])));
  }
  return sentence;
}

/** A sentence with elements in it: `<0>…</0>` and `<1/>` become parts, in the order of the chosen language. */
export function translateParts(text: string, values: Values): Part[] {
  const parts: Part[] = [];
  const translated = spoken.catalogue[text] ?? text;
  const add = (piece: string, tag: number | null) => parts.push({ text: fill(piece, values), tag });
  let end = 0;
  for (const match of translated.matchAll(/<(\d+)>(.*?)<\/\1>|<(\d+)\/>/gs)) {
    if (match.index > end) add(translated.slice(end, match.index), null);
    add(match[2] ?? '', Number(match[1] ?? match[3]));
    end = match.index + match[0].length;
  }
  if (end < translated.length) add(translated.slice(end), null);
  return parts;
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The templates with holes; those that begin with words of their own first, and of them those with most. */
function saidTemplates(catalogue: Catalogue): SaidTemplate[] {
  return Object.entries(catalogue)
    .flatMap(([key, translation]) => englishOf(key).map((template) => ({ template, translation })))
    .filter(({ template }) => template.includes('{'))
    .sort((a, b) => ownWords(b.template) - ownWords(a.template))
    .map(({ template, translation }) => ({
      pattern: patternOf(template),
      holes: [...template.matchAll(/\{(\w+)\}/g)].map(([, hole = '']) => hole),
      translation,
    }));
}

/** What the engine may say that stands under a key: its sentence, or a quantity in both numbers. */
function englishOf(key: string): string[] {
  if (key.startsWith(saidPrefix)) return [key.slice(saidPrefix.length)];
  return key.startsWith('{count} ') ? key.split('|') : [];
}

function patternOf(template: string): RegExp {
  const pieces = template.split(/(\{\w+\})/).map((piece) => {
    if (piece === '{count}') return '([\\d,.]+)';
    return /^\{\w+\}$/.test(piece) ? '(.+?)' : escapePattern(piece);
  });
  return new RegExp(`^${pieces.join('')}$`, 's');
}

function ownWords(template: string): number {
  return template.replace(/\{\w+\}/g, '').length + (template.startsWith('{') ? 0 : 1000);
}
