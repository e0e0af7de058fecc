/**
 * @file Words that Whence never says of its own: they judge what people did, and no measurement does that. What a person wrote may hold any word; it is quoted,
 * and says whose words it is.
 *
 * [Note: Blocked words] Four families, in every form, whatever the case: to copy ('near-copy' is a step of the ladder, `find-copies` a command, and 'copyright' another
 * word), to cause, responsible, to infringe. Every text of the app's own that a report prints passes `refuseBlockedWords`; the texts of the window are walked by a test.
 */

interface WordFamily {
  /** As it is told to who wrote it. */
  readonly word: string;
  readonly forms: RegExp;
}

const families: readonly WordFamily[] = [
  {
    word: 'copy',
    forms:
      /(?<!near[-\u2010\u2011]|find-|[a-z])cop(?:y|ies|ied|ying|yist|yists|ier|iers|ycat|ycats)(?![a-z])/i,
  },
  {
    word: 'cause',
    forms: /(?<![a-z])caus(?:e|es|ed|ing|er|ers|al|ally|ality|ation|ative)(?![a-z])/i,
  },
  { word: 'responsible', forms: /(?<![a-z])(?:ir)?responsib(?:le|ly|ility|ilities)(?![a-z])/i },
  { word: 'infringe', forms: /(?<![a-z])infring(?:e|es|ed|ing|er|ers|ement|ements)(?![a-z])/i },
];

/** Letters that look alike become one, and what is not seen goes: a soft hyphen hides no word. */
function plain(text: string): string {
  return text.normalize('NFKC').replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '');
}

/** The first blocked word in a text, as it stands there; null: none. */
export function findBlockedWord(text: string): string | null {
  const searched = plain(text);
  for (const { forms } of families) {
    const found = forms.exec(searched);
    if (found !== null) return found[0];
  }
  return null;
}

/** The text, where the app may print it. A blocked word in it is a mistake in this program, not of the person who reads it. */
export function refuseBlockedWords(text: string): string {
  const word = findBlockedWord(text);
  if (word !== null)
    throw new Error(`internal: the word '${word}' is never printed by the app, and stands in: ${text}`);
  return text;
}
