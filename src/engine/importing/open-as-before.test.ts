import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestFolder, type TestFolder } from '../../../testing/image-files.ts';
import { makeImportProject, type ImportProject } from '../../../testing/imported-project.ts';
import { inspectAsBefore } from './inspect-source.ts';

let source: TestFolder;
let project: ImportProject;
beforeEach(async () => {
  source = makeTestFolder();
  project = makeImportProject();
  await source.writeImage('1.png', 1);
  writeTable('path,label,maker,part\n1.png,wrong,owl,test\n');
});
afterEach(() => {
  project.remove();
  source.remove();
});

function writeTable(content: string): void {
  source.write('labels.csv', content);
}
const labels = (): unknown[] =>
  project.rows('SELECT c.name AS label, s.split FROM samples s LEFT JOIN classes c ON c.id = s.label');
const chosen = { labelColumn: 'maker', splitColumn: 'part' };

describe('a source whose columns a person has named', () => {
  it('is read by them again, asked for by its folder or by its table', async () => {
    await project.import(join(source.path, 'labels.csv'), {}, chosen);
    expect(labels()).toEqual([{ label: 'owl', split: 'test' }]);
    writeTable('path,label,maker,part\n1.png,wrong,jay,val\n');
    await project.import(source.path);
    expect(labels()).toEqual([{ label: 'jay', split: 'val' }]);
    await project.import(join(source.path, 'labels.csv'));
    expect(labels()).toEqual([{ label: 'jay', split: 'val' }]);
  });

  it('is shown so before it is imported, and said to be; what is named now counts more', async () => {
    const { connection } = project.folder;
    expect(await inspectAsBefore(connection, { sourcePath: source.path })).toMatchObject({
      remembered: null,
    });
    await project.import(source.path, {}, chosen);
    const { remembered, table } = await inspectAsBefore(connection, { sourcePath: source.path });
    expect(remembered).toEqual({ sourcePath: source.path, ...chosen });
    expect(table).toMatchObject({ label: 'maker', split: 'part' });
    const other = await inspectAsBefore(connection, { sourcePath: source.path, labelColumn: 'label' });
    expect(other).toMatchObject({ remembered: null, table: { label: 'label' } });
    await project.import(source.path, {}, { labelColumn: 'label' });
    expect(labels()).toMatchObject([{ label: 'wrong' }]);
    await project.import(source.path);
    expect(labels()).toMatchObject([{ label: 'wrong' }]);
  });

  it('is known by its folder as well as by the table that speaks for it', async () => {
    await project.import(source.path, {}, chosen);
    await project.import(join(source.path, 'labels.csv'));
    expect(labels()).toEqual([{ label: 'owl', split: 'test' }]);
  });

  it('is guessed anew where a column is gone, and nothing is remembered of another source', async () => {
    await project.import(source.path, {}, chosen);
    writeTable('path,label\n1.png,crow\n');
    await project.import(source.path);
    expect(labels()).toMatchObject([{ label: 'crow' }]);
    const other = makeTestFolder();
    await other.writeImage('owl/1.png', 2);
    expect(await inspectAsBefore(project.folder.connection, { sourcePath: other.path })).toMatchObject({
      remembered: null,
    });
    other.remove();
  });
});
