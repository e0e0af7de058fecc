/** @file `node scripts/run.mjs FILE|TOOL …`: sets up, then runs a program of ours or an installed tool on Node 24. */
import fs from 'node:fs';
import path from 'node:path';
import { runNode, toolFile } from './run-process.mjs';
import { root } from './setup/places.mjs';
import { prepare } from './setup/prepare.mjs';
import { fail } from './setup/say.mjs';

const [program, ...args] = process.argv.slice(2);
try {
  const { node } = await prepare('cli');
  const own = path.join(root, program);
  const file = fs.existsSync(own) ? own : toolFile(program);
  // Paths among the arguments are meant from where the person stands, not from the repository.
  process.exitCode = await runNode(node, [file, ...args], { cwd: process.env.INIT_CWD ?? root });
} catch (error) {
  fail(error);
}
