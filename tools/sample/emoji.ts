/** @file The emoji set: the same motifs drawn by four vendors, one folder each: a ground for asking whose hand it was. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { encodeSmall } from './small-png.ts';

/** What `npm install` must have put into the packages folder. */
export const EMOJI_PACKAGES = [
  'emoji-datasource-google@16.0.0',
  'emoji-datasource-twitter@16.0.0',
  'openmoji@17.0.0',
  '@lobehub/fluent-emoji-3d@1.1.0',
];

const CATEGORIES = ['Animals & Nature', 'Food & Drink'];

interface Motif {
  readonly name: string;
  readonly category: string;
  readonly subcategory: string;
  /** '1F32D' or '1F43B-200D-2744-FE0F' */
  readonly unified: string;
}

interface OpenmojiEntry {
  readonly hexcode: string;
  readonly openmoji_author: string;
}

export async function buildEmoji(packages: string, target: string): Promise<number> {
  const modules = join(packages, 'node_modules');
  const read = async <Content>(path: string): Promise<Content> =>
    JSON.parse(await readFile(join(modules, path), 'utf8')) as Content;
  const motifs = await read<Motif[]>('emoji-datasource-google/emoji.json');
  const authors = new Map(
    (await read<OpenmojiEntry[]>('openmoji/data/openmoji.json')).map((entry) => [
      entry.hexcode,
      entry.openmoji_author,
    ]),
  );
  const table: string[][] = [];
  for (const motif of motifs.filter(({ category }) => CATEGORIES.includes(category))) {
    const files = filesOf(motif, modules);
    if (!Object.values(files).every((file) => existsSync(file))) continue;
    const folder = motif.category.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    for (const [vendor, file] of Object.entries(files)) {
      const path = `${vendor}/${folder}/${motif.unified.toLowerCase()}.png`;
      await mkdir(join(target, vendor, folder), { recursive: true });
      await writeFile(join(target, path), await encodeSmall(await readFile(file)));
      const author = vendor === 'openmoji' ? (authors.get(openmojiCode(motif)) ?? '') : '';
      table.push([path, vendor, motif.category, motif.subcategory, motif.name, author]);
    }
  }
  const header = ['path', 'vendor', 'category', 'subcategory', 'name', 'openmoji_author'];
  await writeFile(`${target}.csv`, stringify([header, ...table]));
  return table.length;
}

function filesOf(motif: Motif, modules: string): Record<string, string> {
  const code = motif.unified.toLowerCase();
  return {
    google: join(modules, 'emoji-datasource-google/img/google/64', `${code}.png`),
    twitter: join(modules, 'emoji-datasource-twitter/img/twitter/64', `${code}.png`),
    openmoji: join(modules, 'openmoji/color/svg', `${openmojiCode(motif)}.svg`),
    fluent3d: join(modules, '@lobehub/fluent-emoji-3d/assets', `${code}.webp`),
  };
}

/** OpenMoji leaves the variation selector out of single code points. */
function openmojiCode({ unified }: Motif): string {
  return unified.split('-').length === 2 ? unified.replace('-FE0F', '') : unified;
}
