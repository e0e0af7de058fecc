/** @file The desktop service: native dialogs, the file manager, the theme of frame and menus. */
import { dialog, nativeTheme, shell, type BrowserWindow, type FileFilter } from 'electron';
import type { desktop, FileKind } from '../contract/desktop-service.ts';
import type { Handlers } from '../contract/service.ts';
import { printReport } from './print-report.ts';
import { renewMenu } from './menu.ts';
import { speak } from './translate.ts';

const exportFilters: Readonly<Record<string, FileFilter>> = {
  csv: { name: 'CSV table', extensions: ['csv'] },
  jsonl: { name: 'JSON lines', extensions: ['jsonl'] },
  parquet: { name: 'Parquet', extensions: ['parquet'] },
  txt: { name: 'Text', extensions: ['txt'] },
  html: { name: 'Web page', extensions: ['html'] },
  pdf: { name: 'PDF', extensions: ['pdf'] },
  zip: { name: 'Bundle', extensions: ['zip'] },
};

const fileKinds = {
  model: { title: 'Choose a model', filter: { name: 'ONNX model', extensions: ['onnx'] } },
  schedule: { title: 'Choose a noise schedule', filter: { name: 'JSON', extensions: ['json'] } },
  bundle: { title: 'Choose the bundle of a report', filter: { name: 'Bundle', extensions: ['zip'] } },
  embeddings: { title: 'Choose embeddings', filter: { name: 'NumPy array', extensions: ['npy'] } },
} as const satisfies Record<FileKind, { readonly title: string; readonly filter: unknown }>;

const sourceFilters: FileFilter[] = [
  {
    name: 'Images and labels',
    extensions: ['zip', 'tar', 'csv', 'tsv', 'jsonl', 'ndjson', 'parquet', 'json', 'npz', 'bin', 'gz', 'tgz'],
  },
  // IDX files need no extension.
  { name: 'All files', extensions: ['*'] },
];

export function createDesktopHandlers(window: BrowserWindow): Handlers<typeof desktop> {
  return {
    chooseSource: ({ kind }) =>
      kind === 'folder'
        ? chooseFolder(window, 'Choose a folder of images')
        : chooseFile(window, 'Choose an archive, a table, or a file of images', sourceFilters),
    chooseFile: ({ kind }) => {
      const { title, filter } = fileKinds[kind];
      return chooseFile(window, title, [{ ...filter, extensions: [...filter.extensions] }]);
    },
    chooseImages: async () => {
      const answer = await dialog.showOpenDialog(window, {
        title: 'Add image files',
        properties: ['openFile', 'multiSelections'],
        filters: [
          { name: 'Images', extensions: ['png', 'jpg', 'jpeg', 'webp', 'gif', 'bmp', 'tif', 'tiff'] },
        ],
      });
      return answer.canceled ? [] : answer.filePaths;
    },
    chooseProjectsFolder: () => chooseFolder(window, 'Choose where new projects go'),
    chooseProject: () => chooseFolder(window, 'Open a Whence project'),
    chooseExport: async ({ suggestedName }) => {
      const filter = exportFilters[suggestedName.split('.').at(-1) ?? ''];
      const answer = await dialog.showSaveDialog(window, {
        title: 'Export',
        defaultPath: suggestedName,
        filters: filter === undefined ? [] : [filter],
      });
      return answer.canceled ? null : answer.filePath;
    },
    printReport: ({ html, path }) => printReport(html, path),
    reveal: ({ path }) => {
      shell.showItemInFolder(path);
      return null;
    },
    setLanguage: async ({ language }) => {
      await speak(language);
      renewMenu();
      return null;
    },
    setTheme: ({ theme }) => {
      nativeTheme.themeSource = theme;
      return null;
    },
  };
}

async function chooseFile(
  window: BrowserWindow,
  title: string,
  filters: FileFilter[],
): Promise<string | null> {
  const answer = await dialog.showOpenDialog(window, { title, properties: ['openFile'], filters });
  return answer.canceled ? null : (answer.filePaths[0] ?? null);
}

/** The folder that the person picked, or null. */
export async function chooseFolder(window: BrowserWindow, title: string): Promise<string | null> {
  const answer = await dialog.showOpenDialog(window, { title, properties: ['openDirectory'] });
  return answer.canceled ? null : (answer.filePaths[0] ?? null);
}
