/**
 * @file HTML that is made of parts which are safe each. A template takes markup and numbers, never a bare string, so that every text passes one of two doors:
 * `own` for the app's words, where blocked words are refused, and `given` for words of people, files and logs, which are escaped and shown as theirs.
 */
import { refuseBlockedWords } from '../../contract/blocked-words.ts';

export class Markup {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

type Part = Markup | number | readonly Markup[];

export function markup(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const html = pieces.map((piece, index) => piece + (index < parts.length ? written(parts[index]!) : ''));
  return new Markup(html.join(''));
}

function written(part: Part): string {
  if (typeof part === 'number') return String(part);
  return part instanceof Markup ? part.html : part.map(({ html }) => html).join('');
}

/** Words of the app. [Note: Blocked words] */
export function own(text: string): Markup {
  return new Markup(escapeHtml(refuseBlockedWords(text)));
}

/** Words of somebody else. */
export function given(text: string): Markup {
  return new Markup(escapeHtml(text));
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // No parser takes these for anything else once they are written so.
  '`': '&#96;',
  '=': '&#61;',
};

/** Safe as text and as a quoted attribute. What XML and HTML have no place for is shown as a sign of its absence. */
export function escapeHtml(text: string): string {
  return (
    text
      .toWellFormed()
      // eslint-disable-next-line no-control-regex -- these are what is replaced
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '\ufffd')
      // Overrides of the direction of writing would let a text look like another.
      .replace(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
      .replace(/[&<>"'`=]/g, (letter) => escapes[letter]!)
  );
}
