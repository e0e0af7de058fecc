/** @file Every screen in every language: nothing is left in English, nothing is broken, and English comes back. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { root, screenshotPath } from '../places.ts';
import { screenNames } from '../screens/whence.ts';
import { readCatalogue } from '../../tools/texts/catalogue.ts';

/** Texts whose translation is another one, by their English. */
async function translated(language: string): Promise<ReadonlyMap<string, string>> {
  const source = await readFile(path.join(root, `src/texts/${language}.po`), 'utf8');
  const { translations } = readCatalogue(source);
  return new Map([...translations].filter(([english, translation]) => english !== translation));
}

/** Names of the project’s splits, which are the same in every language, though ‘train’ is also a word. */
const names = new Set(['train', 'val', 'test']);
const homes = { en: 'Home', zh: '主页', ja: 'ホーム' } as const;

test('every screen speaks Chinese and Japanese, and English again', async ({
  whence,
  session,
  analysedProject,
  host,
}) => {
  await whence.start(analysedProject);
  for (const language of ['zh', 'ja'] as const) {
    const translations = await translated(language);
    await whence.speak(language);
    // All screens in one language of each host; the texts are the same.
    const isThorough = language === (host === 'desktop' ? 'ja' : 'zh');
    for (const screen of isThorough ? screenNames : (['Home', 'Browse', 'Issues'] as const)) {
      await whence.follow(screen);
      await whence.settle();
      await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-${screen}-${language}.png`) });
      const english = (await whence.texts()).filter((text) => translations.has(text) && !names.has(text));
      expect.soft(english, `${screen} in ${language}`).toEqual([]);
    }
    await expect(whence.page.getByRole('navigation').getByText(homes[language])).toBeVisible();
    expect.soft(await violations(whence.page), language).toEqual([]);
  }
  await whence.speak('en');
  await expect(whence.page.getByRole('navigation', { name: 'Screens' }).getByText(homes.en)).toBeVisible();
  expect(session.consoleErrors).toEqual([]);
});

test('a language is kept, and names nothing that the person named', async ({ whence, analysedProject }) => {
  await whence.start(analysedProject);
  await whence.speak('ja');
  await whence.page.reload();
  await whence.page.locator('html[lang="ja"]').waitFor();
  await whence.follow('Browse');
  await whence.settle();
  // A class of the project bears the name that it was imported with.
  expect(await whence.texts()).toContain('ankle-boot');
});
