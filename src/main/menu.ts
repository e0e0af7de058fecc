/** @file The application menu. What the page does by keyboard it keeps doing: the page sees every key first. */
import { Menu, shell, type MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  openProject(): void;
  readonly logPath: string;
  readonly isPackaged: boolean;
}

export function installMenu(actions: MenuActions): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'togglefullscreen' },
    ...(actions.isPackaged ? [] : ([{ role: 'reload' }, { role: 'toggleDevTools' }] as const)),
  ];
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? ([{ role: 'appMenu' }] as const) : []),
    {
      label: '&File',
      submenu: [
        { label: 'Open project…', accelerator: 'CmdOrCtrl+O', click: () => actions.openProject() },
        { type: 'separator' },
        { role: process.platform === 'darwin' ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    { label: '&View', submenu: view },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [{ label: 'Show the log', click: () => shell.showItemInFolder(actions.logPath) }],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}
