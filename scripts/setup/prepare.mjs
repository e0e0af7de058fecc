/** @file Set-up as one call: makes this clone able to do what is asked, and does nothing where it already is. */
import { provideElectron } from './electron-runtime.mjs';
import { provideNode } from './node-runtime.mjs';
import { installPackages } from './packages.mjs';
import { provideSystemLibraries } from './system-libraries.mjs';

/**
 * Prepares for a purpose: 'cli' (engine and command line), 'window' (also Electron and what a window needs) or
 * 'test' (also a virtual display and a browser). Answers the Node that everything after set-up runs on.
 */
export async function prepare(purpose) {
  installPackages();
  const node = provideNode();
  if (purpose !== 'cli') {
    await provideElectron(node);
    provideSystemLibraries(purpose);
  }
  return { node };
}
