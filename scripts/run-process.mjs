/** @file Runs programs on the Node that set-up provides. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { compiledCode, nodeModules, root } from './setup/places.mjs';
import { SetupError } from './setup/say.mjs';
import { findBrowser } from './setup/system-libraries.mjs';

/**
 * Runs `node` with `args` to its end, passing on signals; answers the exit code. Compiled code is kept: the engine is many hundred files of TypeScript, which
 * every worker thread and every command would compile anew.
 */
export function runNode(node, args, options = {}) {
  const env = { ...nodeEnvironment(node), NODE_COMPILE_CACHE: compiledCode, ...options.env };
  return runProgram(node, args, { ...options, env });
}

/** The JavaScript file behind the command `name` of an installed package. */
export function toolFile(packageName, name = packageName) {
  const manifestFile = path.join(nodeModules, packageName, 'package.json');
  const { bin } = createRequire(import.meta.url)(manifestFile);
  const file = typeof bin === 'string' ? bin : bin?.[name];
  if (file === undefined) throw new SetupError(`The package ${packageName} has no command ${name}.`);
  return path.join(path.dirname(manifestFile), file);
}

/** Chromium refuses its sandbox to root; only test machines and containers run as root. */
export function electronEnvironment() {
  return process.getuid?.() === 0 ? { ELECTRON_DISABLE_SANDBOX: '1' } : {};
}

/** Tools find this Node too when they start `node` by name; tests find the system's browser. */
function nodeEnvironment(node) {
  const folders = [path.dirname(node), path.join(nodeModules, '.bin'), process.env.PATH ?? ''];
  const browser = findBrowser();
  return {
    ...process.env,
    PATH: folders.join(path.delimiter),
    WHENCE_NODE: node,
    ...(browser === null ? {} : { WHENCE_BROWSER: browser }),
  };
}

function runProgram(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const passOn = (signal) => child.kill(signal);
    process.on('SIGINT', passOn).on('SIGTERM', passOn);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', passOn).off('SIGTERM', passOn);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}
