/** @file `npm start [-- PROJECT.whence]`: sets up, builds where sources changed, opens the desktop app. */
import { buildWhenStale } from './build-when-stale.mjs';
import { openWindow } from './open-window.mjs';
import { prepare } from './setup/prepare.mjs';
import { fail, SetupError } from './setup/say.mjs';
import { hasDisplay } from './setup/system-libraries.mjs';

try {
  if (!hasDisplay()) throw new SetupError('There is no display here. Use Whence in a browser: npm run serve');
  const { node } = await prepare('window');
  await buildWhenStale(node);
  process.exitCode = await openWindow(node, process.argv.slice(2));
} catch (error) {
  fail(error);
}
