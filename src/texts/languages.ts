/** @file The languages of the window and of its menus. */

/** Each by its own name. */
export const languages = { en: 'English', zh: '简体中文', ja: '日本語' } as const;
export type Language = keyof typeof languages;

/** From an English text to its translation. */
export type Catalogue = Readonly<Record<string, string>>;

/** Chinese in the other characters, which ours is not. */
const traditional = /-(hant|tw|hk|mo)\b/i;

/** The first of a system's languages, such as 'zh-CN', that is one of ours; English where none is. */
export function pickLanguage(preferred: readonly string[]): Language {
  const known = Object.keys(languages) as Language[];
  for (const tag of preferred) {
    if (traditional.test(tag)) continue;
    const found = known.find((language) => language === tag.toLowerCase().split('-')[0]);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** The texts of a language; of English none, they are in the source. */
export async function loadCatalogue(language: Language): Promise<Catalogue> {
  if (language === 'zh') return (await import('./zh.po')).default;
  if (language === 'ja') return (await import('./ja.po')).default;
  return {};
}
