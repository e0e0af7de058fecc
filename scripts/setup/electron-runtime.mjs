/** @file Provides Electron: the official build; where that cannot be downloaded, a stand-in that is good for tests only. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { electronDist, electronPackage } from './places.mjs';
import { say, SetupError } from './say.mjs';

/** Written into the stand-in's `version` file; an official build has its bare version there. */
const standInMark = 'stand-in';
const downloadLimitMs = 15 * 60_000;

/** Makes node_modules/electron/dist runnable, with the official build first. */
export async function provideElectron(node) {
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH || isInstalled()) return;
  const failure = downloadOfficial(node);
  if (failure === null) return;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(`Electron could not be downloaded:\n${failure}\nTry again: npx install-electron`);
  }
  const { unpackStandIn } = await import('./stand-in.mjs');
  await unpackStandIn(standInMark);
  say('Electron could not be downloaded; tests use a stand-in, which is never packaged');
}

/** Replaces a stand-in by the official build. Answers why not, or null where the official build is there. */
export function downloadOfficial(node) {
  if (isInstalled() && !isStandIn()) return null;
  say('downloading Electron');
  const result = spawnSync(node, [path.join(electronPackage, 'install.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: downloadLimitMs,
    encoding: 'utf8',
  });
  if (result.status === 0 && isInstalled()) return null;
  return firstLine(result.stderr) ?? result.error?.message ?? 'the installer stopped';
}

/** The stand-in is a 2024 Chromium repacked by a third party: for tests of this project, and nothing else. */
export function isStandIn() {
  return readText(path.join(electronDist, 'version')).includes(standInMark);
}

function isInstalled() {
  const executable = readText(path.join(electronPackage, 'path.txt'));
  return executable !== '' && fs.existsSync(path.join(electronDist, executable));
}

function readText(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

function firstLine(text) {
  return text?.split('\n').find((line) => line.trim() !== '');
}
