/** @file Provides Node 24: the running one where it is new enough, else the pinned one from npm. */
import fs from 'node:fs';
import path from 'node:path';
import { installPinned } from './packages.mjs';
import { nodeModules, offlineNode } from './places.mjs';
import { say, SetupError } from './say.mjs';

/** better-sqlite3 needs Node-API 10; TypeScript without a build and Float16Array need 24. */
const requiredMajor = 24;
const pinnedPlatforms = ['linux-x64', 'linux-arm64', 'win32-x64'];

/** Answers the path of a Node that runs everything after set-up. */
export function provideNode() {
  if (Number(process.versions.node.split('.')[0]) >= requiredMajor) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  if (!pinnedPlatforms.includes(platform)) {
    throw new SetupError(
      `Whence needs Node ${requiredMajor} or newer; this is ${process.version}. Install it from https://nodejs.org` +
        (process.platform === 'darwin' ? ' or with: brew install node@24' : '') +
        ', then try again.',
    );
  }
  const binary = pinnedBinary();
  installPinned(offlineNode, binary, `fetching Node ${requiredMajor} from npm (this is ${process.version})`);
  if (process.platform !== 'win32') linkBinary(binary);
  return binary;
}

function pinnedBinary() {
  const onWindows = process.platform === 'win32';
  const name = `node-${onWindows ? 'win' : process.platform}-${process.arch}`;
  return path.join(offlineNode, 'node_modules', name, 'bin', onWindows ? 'node.exe' : 'node');
}

/** node_modules/.bin is first on the PATH of every npm script, so all of them run on this Node. */
function linkBinary(binary) {
  const link = path.join(nodeModules, '.bin/node');
  if (fs.existsSync(link) && fs.realpathSync(link) === fs.realpathSync(binary)) return;
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.rmSync(link, { force: true });
  fs.symlinkSync(path.relative(path.dirname(link), binary), link);
  say('npm scripts now run on Node 24');
}
