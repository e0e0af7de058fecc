import { describe, expect, it } from 'vitest';
import type { ExportFormat } from '../../contract/export-formats.ts';
import type { ProjectSummary } from '../../contract/projects-service.ts';
import { AppError } from '../../core/base/app-error.ts';
import { FileExport, type WrittenFile } from './file-export.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

function openExport(write: (path: string, format: ExportFormat) => Promise<WrittenFile>) {
  const summary = { path: '/data/shapes.whence' } as ProjectSummary;
  const context = {
    connection: { isDesktop: false, desktop: null },
    project: { summary },
    toasts: new Toasts(),
  };
  return new FileExport(context, { name: 'half', format: 'csv', write });
}

const writeWell = (path: string): Promise<WrittenFile> =>
  Promise.resolve({ path, rows: 3, sha256: '0'.repeat(64) });

describe('an export to a file', () => {
  it('is offered beside the project, and takes the ending of its format', () => {
    const file = openExport(writeWell);
    expect(file.path).toBe('/data/half.csv');
    file.setFormat('names');
    expect(file.path).toBe('/data/half.txt');
    file.path = '/elsewhere/list.txt';
    file.setFormat('jsonl');
    expect(file.path).toBe('/elsewhere/list.jsonl');
    file.path = '/elsewhere/list';
    file.setFormat('csv');
    expect(file.path).toBe('/elsewhere/list');
  });

  it('says in place what went wrong, until it went well', async () => {
    let fails = true;
    const file = openExport((path) =>
      fails ? Promise.reject(new AppError('connection-closed')) : writeWell(path),
    );
    await file.write();
    expect(file.failure).toBe(new AppError('connection-closed').message);
    expect(file.working).toBe(false);
    fails = false;
    await file.write();
    expect(file.failure).toBeNull();
    expect(file.result).toMatchObject({ path: '/data/half.csv', rows: 3 });
  });
});
