/** @file Libraries and programs that come from the operating system: installed on Debian as root, named elsewhere. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { say, SetupError } from './say.mjs';

/** Shared library of a window → Debian packages, the first one known to the machine's release is taken. */
const windowLibraries = {
  'libgtk-3.so.0': ['libgtk-3-0t64', 'libgtk-3-0'],
  'libnss3.so': ['libnss3'],
  'libasound.so.2': ['libasound2t64', 'libasound2'],
  'libgbm.so.1': ['libgbm1'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  'libcups.so.2': ['libcups2t64', 'libcups2'],
  'libxkbcommon.so.0': ['libxkbcommon0'],
  'libXcomposite.so.1': ['libxcomposite1'],
  'libXdamage.so.1': ['libxdamage1'],
  'libXrandr.so.2': ['libxrandr2'],
};
/** With chromium's software driver, WebGPU runs without a GPU. */
const testLibraries = { 'libvulkan.so.1': ['libvulkan1'] };
const browserNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];
const fontFolders = [
  '/usr/share/fonts',
  '/usr/local/share/fonts',
  `${process.env.HOME ?? ''}/.local/share/fonts`,
];

/** Models with expected outputs, of the ONNX project; the test that uses them says so where they are missing. */
const onnxTestCases = '/usr/share/libonnx-testdata/data/node';

/** Makes sure that what `purpose` ('cli', 'window' or 'test') needs from the system is there. */
export function provideSystemLibraries(purpose) {
  if (process.platform !== 'linux' || purpose === 'cli') return;
  const missing = missingNeeds(purpose);
  if (isDebian() && process.getuid() === 0) {
    // Apart, because apt installs nothing where it does not know one of the names.
    installWithApt(missing.filter((need) => !need.isOptional));
    installWithApt(missing.filter((need) => need.isOptional));
  }
  const still = missingNeeds(purpose).filter((need) => !need.isOptional);
  if (still.length > 0) throw new SetupError(explain(still));
}

export function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** A Chromium of the system for tests of the served mode, or null. */
export function findBrowser() {
  for (const name of browserNames) {
    const found = findProgram(name);
    if (found !== null) return found;
  }
  return null;
}

function missingNeeds(purpose) {
  const listed = spawnSync('ldconfig', ['-p'], { encoding: 'utf8', env: withSystemPath() });
  const libraries = listed.stdout ?? '';
  const wanted = purpose === 'test' ? { ...windowLibraries, ...testLibraries } : windowLibraries;
  const needs = Object.entries(wanted)
    .filter(([library]) => !libraries.includes(`\t${library} `))
    .map(([name, packages]) => ({ name, packages }));
  if (purpose !== 'test') return needs;
  if (!hasDisplay() && findProgram('Xvfb') === null) needs.push({ name: 'Xvfb', packages: ['xvfb'] });
  if (findBrowser() === null) needs.push({ name: 'a Chromium', packages: ['chromium'] });
  if (!fs.existsSync(onnxTestCases))
    needs.push({ name: 'the ONNX test cases', packages: ['libonnx-testdata'], isOptional: true });
  if (!hasFonts()) needs.push({ name: 'a font', packages: ['fonts-liberation'] });
  return needs;
}

function installWithApt(needs) {
  if (needs.length === 0) return;
  say(`installing from Debian: ${namesOf(needs)}`);
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], {
      stdio: ['ignore', 'ignore', 2],
      env: { ...withSystemPath(), DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt('update');
  apt('install', '-y', '--no-install-recommends', ...needs.map((need) => knownPackage(need.packages)));
}

/** Newer releases renamed some packages (…t64). */
function knownPackage(candidates) {
  const isKnown = (name) =>
    (spawnSync('apt-cache', ['show', '--no-all-versions', name], { encoding: 'utf8' }).stdout ?? '').includes(
      'Version:',
    );
  return candidates.find(isKnown) ?? candidates.at(-1);
}

function explain(needs) {
  const names = namesOf(needs);
  if (!isDebian())
    return `Missing on this system: ${names}. Install them with your package manager, then try again.`;
  const list = needs.map((need) => knownPackage(need.packages)).join(' ');
  const sudo = process.getuid() === 0 ? '' : 'sudo ';
  return `Missing on this system: ${names}. Run this, then try again:\n  ${sudo}apt-get update && ${sudo}apt-get install -y ${list}`;
}

function namesOf(needs) {
  return needs.map((need) => need.name).join(', ');
}

function isDebian() {
  return findProgram('apt-get') !== null;
}

function hasFonts() {
  return fontFolders.some((folder) => fs.existsSync(folder) && containsFont(folder));
}

function containsFont(folder) {
  return fs.readdirSync(folder, { recursive: true }).some((name) => /\.(ttf|otf|ttc)$/i.test(String(name)));
}

function findProgram(name) {
  for (const folder of withSystemPath().PATH.split(path.delimiter)) {
    const candidate = path.join(folder, name);
    if (fs.existsSync(candidate)) return candidate;
  }
  return null;
}

/** ldconfig and apt live in folders that a plain user's PATH may lack. */
function withSystemPath() {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` };
}
