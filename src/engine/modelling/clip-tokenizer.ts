/**
 * @file The tokenizer of CLIP's text encoders (Radford et al. 2021; byte pair encoding, Sennrich et al. 2016): a text in lower case is cut into words, each
 * word's bytes are written as letters, and pairs are merged in the order of a list.
 */
import { z } from 'zod';

/** What a tokenizer is made from, as one file of the project. */
export const TokenizerFile = z.object({
  /** Token → number. */
  vocabulary: z.record(z.string(), z.number().int().min(0)),
  /** Pairs, separated by a space, in the order in which they are merged. */
  merges: z.array(z.string()),
  start: z.string(),
  end: z.string(),
  padding: z.string(),
  /** Tokens of every text, the first and the last among them; what is longer is cut. */
  length: z.number().int().min(2),
});
export type TokenizerFile = z.infer<typeof TokenizerFile>;

const WORDS = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu;
const END_OF_WORD = '</w>';

export class ClipTokenizer {
  readonly #file: TokenizerFile;
  readonly #ranks: ReadonlyMap<string, number>;

  constructor(file: TokenizerFile) {
    this.#file = file;
    this.#ranks = new Map(file.merges.map((pair, rank) => [pair, rank]));
  }

  /** As many numbers as the file says: start, the text, end, padding. Words that the vocabulary does not know are taken as the end token, as CLIP does. */
  encode(text: string): Int32Array {
    const { length, vocabulary, start, end, padding } = this.#file;
    const numberOf = (token: string): number => vocabulary[token] ?? vocabulary[end]!;
    const words = text.normalize('NFC').toLowerCase().match(WORDS) ?? [];
    const inner = words.flatMap((word) => this.#merge(word)).map(numberOf);
    const ids = new Int32Array(length).fill(numberOf(padding));
    ids.set([numberOf(start), ...inner.slice(0, length - 2), numberOf(end)]);
    return ids;
  }

  #merge(word: string): string[] {
    const letters = Array.from(new TextEncoder().encode(word), (byte) => LETTERS[byte]!);
    let parts = letters.with(-1, letters.at(-1)! + END_OF_WORD);
    for (;;) {
      const ranks = parts.slice(1).map((next, at) => this.#ranks.get(`${parts[at]!} ${next}`) ?? Infinity);
      const first = ranks.length === 0 ? Infinity : Math.min(...ranks);
      if (first === Infinity) return parts;
      const at = ranks.indexOf(first);
      parts = [...parts.slice(0, at), parts[at]! + parts[at + 1]!, ...parts.slice(at + 2)];
    }
  }
}

/** A letter for every byte: printable ones stand for themselves, the others for letters behind Latin-1 (GPT-2's table). */
const LETTERS: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
})();
