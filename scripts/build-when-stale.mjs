/** @file Builds main, preload, engine and renderer into out/, only where their sources changed since the last build. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runNode, toolFile } from './run-process.mjs';
import { root } from './setup/places.mjs';
import { say, SetupError } from './setup/say.mjs';

const stampFile = path.join(root, 'out/sources.txt');
const sources = ['src', 'tools/texts', 'electron.vite.config.ts', 'package-lock.json'];

export async function buildWhenStale(node) {
  const current = describeSources();
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === current) return;
  say('building the window');
  const code = await build(node, ['--logLevel=warn']);
  if (code !== 0) throw new SetupError('The build failed; the reason stands above.');
}

/** Builds in any case; answers the exit code. */
export async function build(node, flags = []) {
  const current = describeSources();
  // Standard output belongs to the command that asked for the build.
  const stdio = ['ignore', 2, 2];
  const code = await runNode(node, [toolFile('electron-vite'), 'build', ...flags], { stdio });
  if (code === 0) fs.writeFileSync(stampFile, current);
  return code;
}

/** A hash over names, sizes and times: contents need not be read. */
function describeSources() {
  const hash = createHash('sha256');
  for (const source of sources) {
    const start = path.join(root, source);
    const names = fs.statSync(start).isDirectory() ? fs.readdirSync(start, { recursive: true }) : [''];
    for (const name of names.map(String).sort()) {
      const { size, mtimeMs } = fs.statSync(path.join(start, name));
      hash.update(`${source}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}
