/**
 * @file `npm run package [-- electron-builder's arguments]`: installers in dist/, with the official Electron only.
 * `-- --smoke` packs an unpacked folder with whatever Electron is there, to check the packing itself; never to be handed out.
 */
import { build } from './build-when-stale.mjs';
import { runNode, toolFile } from './run-process.mjs';
import { downloadOfficial, isStandIn } from './setup/electron-runtime.mjs';
import { prepare } from './setup/prepare.mjs';
import { fail, say, SetupError } from './setup/say.mjs';

const args = process.argv.slice(2);
const smoke = args.includes('--smoke');
const passedOn = args.filter((word) => word !== '--smoke');

try {
  const { node } = await prepare('cli');
  if (!smoke) await requireOfficialElectron(node);
  else await prepare('window');
  if ((await build(node)) !== 0) throw new SetupError('The build failed; the reason stands above.');
  const flags = smoke ? ['--dir', '-c.electronDist=node_modules/electron/dist'] : [];
  process.exitCode = await runNode(node, [
    toolFile('electron-builder'),
    '--publish=never',
    ...flags,
    ...passedOn,
  ]);
  if (smoke && isStandIn())
    say('dist/ holds the test stand-in of Electron: good for a smoke test, not for people');
} catch (error) {
  fail(error);
}

/** The stand-in is an old Chromium from a third party: nobody may be given that. */
async function requireOfficialElectron(node) {
  const failure = downloadOfficial(node);
  if (failure !== null)
    throw new SetupError(
      `Packages are made with the official Electron only, and it could not be downloaded: ${failure}`,
    );
}
