/** @file A text with the words of others in it, marked as theirs: `q` of a name, `code` of a hash, a path or a value. */
import { given, markup, own, type Markup } from './markup.ts';
import type { Words } from './words.ts';

export function wordsElements(words: Words): Markup {
  const parts = typeof words === 'string' ? [words] : words;
  return markup`${parts.map((part) => {
    if (typeof part === 'string') return own(part);
    return part.kind === 'name'
      ? markup`<q class="given">${given(part.given)}</q>`
      : markup`<code class="given">${given(part.given)}</code>`;
  })}`;
}
