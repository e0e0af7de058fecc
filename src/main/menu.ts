/** @file The application menu. What the page does by keyboard it keeps doing: the page sees every key first. */
import { Menu, shell, type MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  openProject(): void;
  readonly logPath: string;
  readonly isPackaged: boolean;
}

const isMac = process.platform === 'darwin';
let installed: MenuActions | null = null;

export function installMenu(actions: MenuActions): void {
  installed = actions;
  renewMenu();
}

/** Makes the menu anew, in the language that is spoken by now. */
export function renewMenu(): void {
  if (installed !== null) Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(installed)));
}

function menuTemplate(actions: MenuActions): MenuItemConstructorOptions[] {
  return [
    ...(isMac ? ([{ role: 'appMenu' }] as const) : []),
    {
      label: '&File',
      submenu: [
        { label: 'Open project…', accelerator: 'CmdOrCtrl+O', click: () => actions.openProject() },
        { type: 'separator' },
        isMac ? { role: 'close', label: 'Close' } : { role: 'quit', label: 'Quit' },
      ],
    },
    { label: 'Edit', submenu: editItems() },
    { label: '&View', submenu: viewItems(actions.isPackaged) },
    { label: 'Window', role: 'windowMenu' },
    {
      label: 'Help',
      role: 'help',
      submenu: [{ label: 'Show the log', click: () => shell.showItemInFolder(actions.logPath) }],
    },
  ];
}

function editItems(): MenuItemConstructorOptions[] {
  return [
    { role: 'undo', label: 'Undo' },
    { role: 'redo', label: 'Redo' },
    { type: 'separator' },
    { role: 'cut', label: 'Cut' },
    { role: 'copy', label: 'Copy' },
    { role: 'paste', label: 'Paste' },
    { role: 'delete', label: 'Delete' },
    { type: 'separator' },
    { role: 'selectAll', label: 'Select all' },
  ];
}

function viewItems(isPackaged: boolean): MenuItemConstructorOptions[] {
  return [
    { role: 'resetZoom', label: 'Actual size' },
    { role: 'zoomIn', label: 'Zoom in' },
    { role: 'zoomOut', label: 'Zoom out' },
    { role: 'togglefullscreen', label: 'Full screen' },
    ...(isPackaged ? [] : ([{ role: 'reload' }, { role: 'toggleDevTools' }] as const)),
  ];
}
