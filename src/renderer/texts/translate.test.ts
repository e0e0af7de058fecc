import { afterEach, describe, expect, it } from 'vitest';
import { formatCount, formatQuantity } from '../format/numbers.ts';
import { formatMoment } from '../format/durations.ts';
import { speak, translate, translateParts, translateSaid } from './translate.svelte.ts';

const japanese = {
  Keep: '残す',
  'Run {id}': '実行 {id}',
  '{count} image|{count} images': '{count} 枚の画像',
  'Pulled to <0>{name}</0> by <1/>': '<1/> が <0>{name}</0> へ引く',
  'engine: Epoch {epoch} of {epochs}': 'エポック {epoch} / {epochs}',
  'engine: Skipped {images}': '{images}をスキップ',
  'engine: Undid: {text}': '元に戻した：{text}',
};

afterEach(() => speak('en', {}));

describe('texts', () => {
  it('are English until another language is spoken', () => {
    expect(translate('Run {id}', { id: 3 })).toBe('Run 3');
    speak('ja', japanese);
    expect(translate('Run {id}', { id: 3 })).toBe('実行 3');
    expect(translate('Not there')).toBe('Not there');
  });

  it('agree with their number', () => {
    expect(formatQuantity(1, 'image')).toBe('1 image');
    speak('ja', japanese);
    expect(formatQuantity(1200, 'image')).toBe('1,200 枚の画像');
  });

  it('have their elements in the order of the language', () => {
    const sentence = 'Pulled to <0>{name}</0> by <1/>';
    expect(translateParts(sentence, { name: 'coat' }).map(({ tag }) => tag)).toEqual([null, 0, null, 1]);
    speak('ja', japanese);
    expect(translateParts(sentence, { name: 'coat' })).toEqual([
      { text: '', tag: 1 },
      { text: ' が ', tag: null },
      { text: 'coat', tag: 0 },
      { text: ' へ引く', tag: null },
    ]);
  });
});

describe('what the engine says', () => {
  it('is known by its template, values and all', () => {
    speak('ja', japanese);
    expect(translateSaid('Epoch 3 of 12')).toBe('エポック 3 / 12');
    expect(translateSaid('Undid: Skipped 5 images')).toBe('元に戻した：5 枚の画像をスキップ');
    expect(translateSaid('Something unheard of')).toBe('Something unheard of');
  });
});

describe('numbers and dates', () => {
  it('follow the language', () => {
    const [then, now] = ['2024-03-05T08:05:00', new Date('2026-03-05T12:00:00')] as const;
    expect(formatMoment(then, now)).toBe('5 Mar 2024');
    speak('ja', japanese);
    expect(formatMoment(then, now)).toBe('2024年3月5日');
    expect(formatCount(50000)).toBe('50,000');
  });
});
