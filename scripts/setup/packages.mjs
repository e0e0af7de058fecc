/** @file Installs npm packages exactly as locked, only where something is missing or differs. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { nodeModules, root } from './places.mjs';
import { say, SetupError } from './say.mjs';

export function installPackages() {
  const difference = firstDifference(root);
  if (difference === null) return;
  say(fs.existsSync(nodeModules) ? `installing packages (${difference})` : 'installing packages (once)');
  cleanInstall(root);
}

/** Installs the pinned packages of `folder`, which stand apart from the project's own, unless `file` is there as locked. */
export function installPinned(folder, file, reason) {
  if (fs.existsSync(file) && firstDifference(folder) === null) return;
  say(reason);
  cleanInstall(folder);
  if (!fs.existsSync(file))
    throw new SetupError(`${file} could not be installed from the npm registry. Try again.`);
}

/**
 * Compares the lock file with the one npm keeps inside node_modules. Answers what differs first, null where nothing does.
 * Packages for other platforms are locked but rightly not installed.
 */
function firstDifference(folder) {
  const locked = readPackages(path.join(folder, 'package-lock.json'));
  const installed = readPackages(path.join(folder, 'node_modules/.package-lock.json'));
  if (installed === null) return 'nothing is installed';
  for (const [name, entry] of Object.entries(locked)) {
    if (name === '' || entry.link === true) continue;
    const found = installed[name];
    if (found === undefined && entry.optional !== true && entry.devOptional !== true)
      return `${name} is missing`;
    if (found !== undefined && found.version !== entry.version) return `${name} is not ${entry.version}`;
  }
  return null;
}

function readPackages(file) {
  if (!fs.existsSync(file)) return null;
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
}

function cleanInstall(folder) {
  // Scripts of packages stay off: what they would do (Electron's download) is done by set-up, visibly.
  const flags = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const result = runNpm([...flags, '--loglevel=error'], folder);
  if (result.status !== 0)
    throw new SetupError(
      `npm ci failed in ${folder}. Check that the npm registry can be reached, then try again.`,
    );
}

function runNpm(args, folder) {
  // npm's own variables would point a nested npm at this project instead of `folder`.
  const isNpmState = (name) => /^npm_(package|lifecycle|config_local_prefix|config_prefix)/i.test(name);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isNpmState(name)));
  const options = { cwd: folder, env, stdio: ['ignore', 'ignore', 2] };
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return spawnSync(process.execPath, [script, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}
