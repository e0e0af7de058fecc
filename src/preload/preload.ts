/** @file Hands the shell's ports over to the page, and tells where a dropped file lies. Nothing else crosses here. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { portNames, portRequest } from '../contract/window-ports.ts';

// A port cannot cross the context bridge; a window message hands it to the page's own world.
for (const name of portNames)
  ipcRenderer.on(name, (event) => window.postMessage({ type: name }, location.origin, [...event.ports]));

contextBridge.exposeInMainWorld('whenceDesktop', {
  platform: process.platform,
  requestPort: () => ipcRenderer.send(portRequest),
  pathForFile: (file: File) => webUtils.getPathForFile(file),
});
