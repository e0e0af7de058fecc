/** @file What only the desktop shell can do. The browser client answers these with what a browser offers, or null. */
import { z } from 'zod';
import { WrittenReport } from './reports-service.ts';
import { call, service } from './service.ts';

/** Files that a person points to one by one: a model, its noise schedule, embeddings of its texts. */
export const FileKind = z.enum(['model', 'schedule', 'embeddings', 'bundle']);
export type FileKind = z.infer<typeof FileKind>;

export const desktop = service({
  name: 'desktop',
  calls: {
    /** Images: a folder, or a file that holds or names them. */
    chooseSource: call(z.object({ kind: z.enum(['folder', 'file']) }), z.string().nullable()),
    /** One file of a kind. */
    chooseFile: call(z.object({ kind: FileKind }), z.string().nullable()),
    /** Image files; empty where none was chosen. */
    chooseImages: call(z.undefined(), z.array(z.string())),
    /** Where new projects go. */
    chooseProjectsFolder: call(z.undefined(), z.string().nullable()),
    chooseProject: call(z.undefined(), z.string().nullable()),
    chooseExport: call(z.object({ suggestedName: z.string() }), z.string().nullable()),
    /** Writes a report's HTML as a tagged PDF with page numbers. */
    printReport: call(
      z.object({ html: z.string(), path: z.string().min(1) }),
      WrittenReport.omit({ draft: true }),
    ),
    reveal: call(z.object({ path: z.string() }), z.null()),
    setLanguage: call(z.object({ language: z.enum(['en', 'zh', 'ja']) }), z.null()),
    setTheme: call(z.object({ theme: z.enum(['light', 'dark', 'system']) }), z.null()),
  },
  events: {},
});
