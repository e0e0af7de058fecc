/** @file Starts the desktop app of this clone. */
import { electronEnvironment, runNode, toolFile } from './run-process.mjs';
import { isStandIn } from './setup/electron-runtime.mjs';
import { root } from './setup/places.mjs';
import { say } from './setup/say.mjs';

/** Runs until the window is closed; answers the exit code. */
export function openWindow(node, args) {
  if (isStandIn())
    say('this is the stand-in Electron, meant for tests; with internet access run: npx install-electron');
  return runNode(node, [toolFile('electron'), root, ...args], { env: electronEnvironment() });
}
