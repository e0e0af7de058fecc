import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultsOf, readCatalogue, writeCatalogue, type CatalogueText } from './catalogue.ts';
import { collectTexts } from './collect-texts.ts';

const text = (english: string, plural: string | null = null): CatalogueText => ({
  text: english,
  plural,
  isSaid: false,
  files: ['a.ts'],
});

describe('a catalogue', () => {
  it('comes back as it was written', () => {
    const texts = [text('Keep'), text('{count} image', '{count} images')];
    const translations = new Map([
      ['Keep', '保留'],
      ['{count} image|{count} images', '{count} 张图像'],
    ]);
    expect(readCatalogue(writeCatalogue(texts, translations, 'zh')).translations).toEqual(translations);
  });

  it('has faults where a text is missing, gone, untranslated, or has other holes', () => {
    const source = writeCatalogue(
      [text('Keep'), text('Gone'), text('Run {id}')],
      new Map([
        ['Gone', '无'],
        ['Run {id}', '运行 {number}'],
      ]),
      'zh',
    );
    expect(faultsOf([text('Keep'), text('Run {id}'), text('New')], readCatalogue(source))).toEqual([
      'no text of the window any more: Gone',
      'not translated: Keep',
      'holes or elements differ: Run {id} → 运行 {number}',
      'not in the catalogue: New',
    ]);
  });
});

describe('the catalogues of the window', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const read = (file: string) => readFileSync(path.join(root, 'src/texts', file), 'utf8');
  const { texts, problems } = collectTexts(root);

  it('hold every text of the source (npm run texts brings them up to it)', () => {
    expect(problems).toEqual([]);
    expect(read('en.pot') === writeCatalogue(texts, new Map(), null)).toBe(true);
  });

  it.each(['zh', 'ja'])('are whole and fit the English: %s', (language) => {
    expect(faultsOf(texts, readCatalogue(read(`${language}.po`)))).toEqual([]);
  });
});
