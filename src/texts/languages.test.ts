import { expect, it } from 'vitest';
import { pickLanguage } from './languages.ts';

it('takes the first of the system’s languages that is one of ours', () => {
  expect(pickLanguage(['fr-FR', 'ja-JP', 'zh-CN'])).toBe('ja');
  expect(pickLanguage(['zh-Hans-SG'])).toBe('zh');
  expect(pickLanguage(['zh-TW', 'zh-Hant-HK'])).toBe('en');
  expect(pickLanguage([])).toBe('en');
});
