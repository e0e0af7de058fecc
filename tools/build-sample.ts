/**
 * @file Rebuilds resources/sample from public packages:
 *   apt-get install dataset-fashion-mnist openclipart-png openclipart-svg
 *   node tools/build-sample.ts [fashion] [clipart] [emoji]
 * The emoji packages come from npm into .cache/. Equal packages give equal images and labels.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildClipart, OPENCLIPART_FOLDER } from './sample/clipart.ts';
import { buildEmoji, EMOJI_PACKAGES } from './sample/emoji.ts';
import { buildFashion, FASHION_FOLDER } from './sample/fashion.ts';

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'resources', 'sample');

const builders: Readonly<Record<string, (folder: string) => Promise<number>>> = {
  fashion: async (folder) => {
    requireFolder(FASHION_FOLDER, 'dataset-fashion-mnist');
    return buildFashion(FASHION_FOLDER, folder);
  },
  clipart: async (folder) => {
    requireFolder(join(OPENCLIPART_FOLDER, 'png'), 'openclipart-png');
    requireFolder(join(OPENCLIPART_FOLDER, 'svg'), 'openclipart-svg');
    return buildClipart(OPENCLIPART_FOLDER, folder);
  },
  emoji: async (folder) => buildEmoji(await installEmojiPackages(), folder),
};

function requireFolder(path: string, debianPackage: string): void {
  if (existsSync(path)) return;
  throw new Error(`${path} is missing. On Debian: apt-get install ${debianPackage}`);
}

async function installEmojiPackages(): Promise<string> {
  const packages = join(root, '.cache', 'sample-packages');
  await mkdir(packages, { recursive: true });
  const options = ['--prefix', packages, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', ['install', ...options, ...EMOJI_PACKAGES], { cwd: packages });
  return packages;
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(builders);
for (const name of wanted) {
  const build = builders[name];
  if (build === undefined) throw new Error(`${name} is not one of ${Object.keys(builders).join(', ')}`);
  const folder = join(target, name);
  await rm(folder, { recursive: true, force: true });
  console.log(`${name}: ${await build(folder)} images`);
}
