/** @file Where things are in this repository. */
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
export const nodeModules = path.join(root, 'node_modules');
/** What Node has compiled before; may be deleted. */
export const compiledCode = path.join(nodeModules, '.cache/compiled');
export const electronPackage = path.join(nodeModules, 'electron');
export const electronDist = path.join(electronPackage, 'dist');
/** Pinned Node 24 for machines whose own is older. */
export const offlineNode = path.join(root, 'offline');
/** Pinned Electron for tests on machines that cannot download the official one. */
export const offlineElectron = path.join(root, 'offline/stand-in');
/** What a stage leaves for the final report. */
export const reports = path.join(root, 'test-results/reports');
