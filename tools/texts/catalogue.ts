/** @file Catalogues in the format that translators' programs read: PO, one file for each language beside the English template. */
import PO from 'pofile';
import { saidPrefix } from '../../src/texts/said.ts';

/** A text of the window, with the files that it stands in. */
export interface CatalogueText {
  readonly text: string;
  /** Of quantities: what stands where there is more than one. */
  readonly plural: string | null;
  /** What the engine says; the window knows it by its template. */
  readonly isSaid: boolean;
  readonly files: readonly string[];
}

export interface Catalogue {
  /** From the key that the window asks for to the translation; texts without one are absent. */
  readonly translations: ReadonlyMap<string, string>;
  /** Every key, in order. */
  readonly keys: readonly string[];
}

/** The context of what the engine says. */
const SAID = 'engine';

/** Under which the window asks for a text. */
export function keyOf({ text, plural, isSaid }: Omit<CatalogueText, 'files'>): string {
  if (isSaid) return `${saidPrefix}${text}`;
  return plural === null ? text : `${text}|${plural}`;
}

export function readCatalogue(source: string): Catalogue {
  const entries = PO.parse(source).items.map((item) => {
    const key = keyOf({
      text: item.msgid,
      plural: item.msgid_plural ?? null,
      isSaid: item.msgctxt === SAID,
    });
    return [key, item.msgstr[0] ?? ''] as const;
  });
  return {
    translations: new Map(entries.filter(([, translation]) => translation !== '')),
    keys: entries.map(([key]) => key),
  };
}

/** The texts with their translations; those that have none stay empty for a translator to fill. @param language null: the template. */
export function writeCatalogue(
  texts: readonly CatalogueText[],
  translations: ReadonlyMap<string, string>,
  language: string | null,
): string {
  const catalogue = new PO();
  catalogue.headers = {
    'Project-Id-Version': 'Whence',
    'Content-Type': 'text/plain; charset=UTF-8',
    'Content-Transfer-Encoding': '8bit',
    ...(language === null ? {} : { Language: language, 'Plural-Forms': 'nplurals=1; plural=0;' }),
  };
  catalogue.items = texts.map((entry) => {
    const item = new PO.Item();
    item.msgid = entry.text;
    if (entry.isSaid) item.msgctxt = SAID;
    if (entry.plural !== null) item.msgid_plural = entry.plural;
    item.msgstr = language === null ? [] : [translations.get(keyOf(entry)) ?? ''];
    item.references = [...entry.files];
    return item;
  });
  return `${catalogue.toString()}\n`;
}

/** What is wrong with the translations into a language: missing ones, and holes or elements that differ from the English. */
export function faultsOf(texts: readonly CatalogueText[], { translations, keys }: Catalogue): string[] {
  const known = new Set(texts.map(keyOf));
  const faults = keys.filter((key) => !known.has(key)).map((key) => `no text of the window any more: ${key}`);
  const present = new Set(keys);
  for (const text of texts) {
    const translation = translations.get(keyOf(text));
    if (!present.has(keyOf(text))) faults.push(`not in the catalogue: ${text.text}`);
    else if (translation === undefined) faults.push(`not translated: ${text.text}`);
    else if (marksOf(translation) !== marksOf(text.text))
      faults.push(`holes or elements differ: ${text.text} → ${translation}`);
  }
  return faults;
}

/** The holes and elements of a text, sorted: their order is the language's. */
function marksOf(text: string): string {
  return [...text.matchAll(/\{\w+\}|<\/?\d+\/?>/g)]
    .map(([mark]) => mark)
    .sort()
    .join(' ');
}
