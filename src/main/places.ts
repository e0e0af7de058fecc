/** @file Where this installation keeps its parts, and where it keeps what it remembers. */
import path from 'node:path';
import { app } from 'electron';

/** Plain Node cannot read inside the app's archive; the engine is unpacked beside it. */
const unpacked = (file: string): string =>
  file.replace(`app.asar${path.sep}`, `app.asar.unpacked${path.sep}`);

export const engineEntry = unpacked(path.join(import.meta.dirname, 'engine.js'));
export const rendererPath = path.join(import.meta.dirname, '../renderer');
export const resourcesPath = app.isPackaged
  ? path.join(process.resourcesPath, 'resources')
  : path.join(import.meta.dirname, '../../resources');
export const iconPath = path.join(resourcesPath, 'icons/whence-256.png');

/** Machine-wide state, shared with the command line. */
export const homePath = path.resolve(
  process.env['WHENCE_HOME'] ?? path.join(app.getPath('appData'), 'whence'),
);
export const windowStateFile = path.join(homePath, 'window.json');
export const logFolder = path.join(homePath, 'logs');
