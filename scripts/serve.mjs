/** @file `npm run serve [-- --project DIR --port N]`: sets up, builds where sources changed, serves Whence to a browser. */
import path from 'node:path';
import { buildWhenStale } from './build-when-stale.mjs';
import { runNode } from './run-process.mjs';
import { root } from './setup/places.mjs';
import { prepare } from './setup/prepare.mjs';
import { fail } from './setup/say.mjs';

try {
  const { node } = await prepare('cli');
  await buildWhenStale(node);
  const program = path.join(root, 'src/cli/whence.ts');
  const cwd = process.env.INIT_CWD ?? root;
  process.exitCode = await runNode(node, [program, 'serve', ...process.argv.slice(2)], { cwd });
} catch (error) {
  fail(error);
}
