/**
 * @file What the stand-in Electron runs for `electron [-r module] <folder>`: the part of Electron's default app we use.
 * ESM that awaits the app's own main file: Electron holds `ready` back until this module has evaluated.
 */
import { app } from 'electron';
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { preloads, target } = parseArguments(process.argv.slice(1));
if (target === null) {
  console.error('usage: electron [-r module] <application folder>');
  process.exit(1);
}
for (const preload of preloads) createRequire(path.join(process.cwd(), 'any.js'))(preload);
try {
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true });
  describeApp(target);
  await import(pathToFileURL(Module._resolveFilename(target, null, true)).href);
} catch (error) {
  console.error(error);
  process.exit(1);
}

/** Flags of Chromium and Electron may stand before the folder; what follows it belongs to the app. */
function parseArguments(words) {
  const preloads = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === '-r' || word === '--require') preloads.push(words[(index += 1)]);
    else if (!word.startsWith('-')) return { preloads, target: path.resolve(word) };
  }
  return { preloads, target: null };
}

function describeApp(folder) {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  app.setName(manifest.productName ?? manifest.name);
  app.setVersion(manifest.version);
  app.setAppPath(folder);
}
