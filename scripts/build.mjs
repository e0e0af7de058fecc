/** @file `npm run build`: main, preload, engine and renderer into out/. */
import { build } from './build-when-stale.mjs';
import { prepare } from './setup/prepare.mjs';
import { fail } from './setup/say.mjs';

try {
  const { node } = await prepare('cli');
  process.exitCode = await build(node);
} catch (error) {
  fail(error);
}
