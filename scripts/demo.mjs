/** @file `npm run demo`: sets up, runs the main job on the embedded sample, then shows the result where there is a display. */
import path from 'node:path';
import { buildWhenStale } from './build-when-stale.mjs';
import { openWindow } from './open-window.mjs';
import { runNode } from './run-process.mjs';
import { root } from './setup/places.mjs';
import { prepare } from './setup/prepare.mjs';
import { fail, say } from './setup/say.mjs';
import { hasDisplay } from './setup/system-libraries.mjs';

const project = path.join(root, 'demo.whence');
const withWindow = hasDisplay() && !process.env.CI;

try {
  const { node } = await prepare('cli');
  const program = path.join(root, 'src/cli/demo.ts');
  const code = await runNode(node, [program, ...process.argv.slice(2)]);
  if (code !== 0) process.exit(code);
  if (withWindow) {
    await prepare('window');
    await buildWhenStale(node);
    process.exitCode = await openWindow(node, [project]);
  } else {
    say('there is no display here; to look at the result in a browser:');
    say(`  npm run serve -- --project ${path.relative(root, project)}`);
  }
} catch (error) {
  fail(error);
}
