import { describe, expect, it } from 'vitest';
import { ClipTokenizer, type TokenizerFile } from './clip-tokenizer.ts';

const tokens = [
  ...['a', 't', 'c', 's', 'é', 'a</w>', 't</w>', 's</w>', '!</w>', '1</w>', '2</w>'],
  ...['ca', 'cat</w>', 'at</w>', "'s</w>", 'Ã', '©</w>', '<start>', '<end>', '<pad>'],
];
const file: TokenizerFile = {
  vocabulary: Object.fromEntries(tokens.map((token, number) => [token, number])),
  merges: ["' s</w>", 'a t</w>', 'c a', 'c at</w>', 'ca t</w>'],
  start: '<start>',
  end: '<end>',
  padding: '<pad>',
  length: 8,
};

/** Tokens by name, without the padding. */
function tokensOf(text: string, changes: Partial<TokenizerFile> = {}): string[] {
  const ids = new ClipTokenizer({ ...file, ...changes }).encode(text);
  return Array.from(ids, (id) => tokens[id]!).filter((token) => token !== '<pad>');
}

describe('a text as tokens', () => {
  it('begins and ends, and is filled up to the length of all texts', () => {
    const ids = new ClipTokenizer(file).encode('a');
    expect(Array.from(ids, (id) => tokens[id])).toEqual([
      '<start>',
      'a</w>',
      '<end>',
      ...Array<string>(5).fill('<pad>'),
    ]);
    expect(tokensOf('')).toEqual(['<start>', '<end>']);
  });

  it('has its pairs merged in the order of the list, not of the text', () => {
    // 'a t</w>' comes before 'c a', and 'c at</w>' makes the rest.
    expect(tokensOf('cat')).toEqual(['<start>', 'cat</w>', '<end>']);
    expect(tokensOf('cat', { merges: ['c a', 'ca t</w>'] })).toEqual(['<start>', 'cat</w>', '<end>']);
    expect(tokensOf('cat', { merges: ['c a'] })).toEqual(['<start>', 'ca', 't</w>', '<end>']);
    expect(tokensOf('cat', { merges: ['a t</w>'] })).toEqual(['<start>', 'c', 'at</w>', '<end>']);
  });

  it('is cut into words, single digits, signs and short endings, whatever its case and its spaces', () => {
    expect(tokensOf(" A\tCat's  12!")).toEqual([
      '<start>',
      'a</w>',
      'cat</w>',
      "'s</w>",
      '1</w>',
      '2</w>',
      '!</w>',
      '<end>',
    ]);
  });

  it('that is too long is cut, and ends all the same', () => {
    expect(tokensOf('a a a a a a a a a')).toEqual(['<start>', ...Array<string>(6).fill('a</w>'), '<end>']);
  });

  it('is read by its bytes; what the vocabulary does not know is the end token, as CLIP has it', () => {
    // é is C3 A9, which stand for Ã and ©.
    expect(tokensOf('é')).toEqual(['<start>', 'Ã', '©</w>', '<end>']);
    expect(tokensOf('é')).toEqual(tokensOf('e\u0301'));
    expect(tokensOf('z a')).toEqual(['<start>', '<end>', 'a</w>', '<end>']);
  });
});
