/** @file The clipart set: drawings of eleven Openclipart artists, all in the public domain, without trademarks. */
import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { Random } from '../../src/core/base/random.ts';
import { encodeSmall } from './small-png.ts';

/** Where Debian's packages openclipart-png and openclipart-svg put the same tree, rendered and drawn. */
export const OPENCLIPART_FOLDER = '/usr/share/openclipart';

const PER_ARTIST = 88;
const SEED = 2004;
const ARTISTS = new Set([
  'andy-fitzsimon',
  'architetto-francesco-rollandin',
  'benji-park',
  'danny-allen',
  'gerald-g',
  'jarno-vasamaa',
  'jean-victor-balin',
  'john-cliff',
  'juliane-krug',
  'nicu-buculei',
  'yves-guillou',
]);

/** Logos and product names of others, icons drawn after them, and pictures that do not suit an office. By path. */
const LEFT_OUT = new RegExp(
  [
    'firefox|mozilla|thunderbird|debian|ubuntu|red.?hat|suse|fedora|gentoo|linux|tux|bsd|apple_|macos|microsoft',
    'windows|powerpoint|msword|excel|office-|ooo_|openoffice|gnome-(?!fs|dev|mime-(text$|text-x-copying|image$|document|spreadsheet))',
    'gimp|xcf|inkscape|blender|scribus|sodipodi|apache|lyx|wine|gaim|rhythmbox|ipod|java|php|mysql|adobe|pdf|flash',
    'yahoo|icq|msn|jabber|aim_|skype|google|amor|kde|kopete|ksirc|juk|irkick|k(arm|net|internet|percentage|spread|sysguard)',
    'k(jump|view|my|dat|write|mail|ate|onq|dev|word|chart|present|office)|mycomp|falconseye|mldonkey|lbreakout|amarok|xmms|real(play|one)|quicktime',
    'flat-theme/applications|highlighting|race_?car|formula_?1|wallet|news_|webicons|tools/bottle|road_runner|runner_ganson',
    'coke|coca|pepsi|orleans|dodge|ford_|bmw|audi|nike|adidas|lego|disney|star.?wars|simpson|pokemon|snoopy|cornetto',
    'stripper|nude|naked|nuda|sexy|weapons|gun|pistol|cigar|smoking_wom|swastika|nazi|torture',
  ].join('|'),
  'i',
);

interface Drawing {
  /** Relative to the tree, without extension. */
  readonly path: string;
  readonly artist: string;
}

export async function buildClipart(source: string, target: string): Promise<number> {
  const byArtist = Map.groupBy(await listDrawings(source), ({ artist }) => artist);
  const table = [['path', 'artist', 'category', 'openclipart_path']];
  const seen = new Set<string>();
  for (const artist of [...ARTISTS].sort()) {
    const drawings = new Random(SEED, `sample-clipart-${artist}`).shuffle([...(byArtist.get(artist) ?? [])]);
    await mkdir(join(target, artist), { recursive: true });
    let taken = 0;
    for (const { path } of drawings) {
      if (taken === PER_ARTIST) break;
      const bytes = await encodeSmall(await readFile(join(source, 'png', `${path}.png`)));
      const sha256 = hash('sha256', bytes);
      // The tree holds many drawings under several subjects.
      if (bytes.length < 200 || seen.has(sha256)) continue;
      seen.add(sha256);
      const name = `${artist}/${path.replaceAll('/', '__')}.png`;
      await writeFile(join(target, name), bytes);
      table.push([name, artist, path.split('/')[0]!, path]);
      taken++;
    }
  }
  // Beside the folder: inside it, it would be one more file that is no image.
  await writeFile(`${target}.csv`, stringify([table[0]!, ...table.slice(1).sort()]));
  return table.length - 1;
}

async function listDrawings(source: string): Promise<Drawing[]> {
  const root = join(source, 'svg');
  const drawings: Drawing[] = [];
  for await (const file of glob('**/*.svg', { cwd: root })) {
    const path = join(dirname(file), basename(file, '.svg'));
    if (LEFT_OUT.test(path) || !existsSync(join(source, 'png', `${path}.png`))) continue;
    const text = await readFile(join(root, file), 'utf8');
    // Outside pictures that the renderer did not have are drawn as an error text.
    if (!/publicdomain/i.test(text) || /<image\b/.test(text)) continue;
    const artist = artistOf(text);
    if (artist !== null && ARTISTS.has(artist)) drawings.push({ path: relative('.', path), artist });
  }
  return drawings.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** 'Gerald G.' → 'gerald-g'. */
function artistOf(svg: string): string | null {
  const creator = /<dc:creator\b[\s\S]*?<dc:title>([^<]+)<\/dc:title>[\s\S]*?<\/dc:creator>/.exec(svg)?.[1];
  return (
    creator
      ?.trim()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') ?? null
  );
}
