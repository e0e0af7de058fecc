import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeImage, makeTestFolder, type TestFolder } from '../../../testing/image-files.ts';
import { makeImportProject, type ImportProject } from '../../../testing/imported-project.ts';
import { encodeZip } from '../../../testing/zip-writer.ts';
import type { ExportFormat } from '../../contract/export-formats.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { changeTag, ensureTag } from '../storage/tags.ts';
import { exportLabels } from './export-labels.ts';
import { safeName, UniqueNames } from './folder-names.ts';

let source: TestFolder;
let project: ImportProject;
let again: ImportProject;
beforeEach(async () => {
  source = makeTestFolder();
  project = makeImportProject();
  again = makeImportProject();
  for (const seed of [1, 2, 3, 4]) await source.writeImage(`images/${seed}.png`, seed);
  source.write(
    'labels.csv',
    'path,label,split,artist,year\nimages/1.png,"owl, ""big""",train,Ada,1899\nimages/2.png,jay,test,Bob,007\nimages/3.png,a/b:c,val,,\nimages/4.png,,train,Eve,1\n',
  );
  await project.import(source.path);
});
afterEach(() => {
  project.remove();
  again.remove();
  source.remove();
});

/** What a round trip has to keep, by the content of the images. */
function contents(imported: ImportProject): unknown[] {
  return imported.rows(
    `SELECT s.sha256, s.split, c.name AS label,
            (SELECT json_group_object(k.name, v.value ORDER BY k.name) FROM columnValues v JOIN columns k ON k.id = v.columnId
             WHERE v.sampleId = s.id) AS cells
     FROM samples s LEFT JOIN classes c ON c.id = s.label ORDER BY s.sha256`,
  );
}

const write = (path: string, format: ExportFormat, placement: 'copy' | 'link' = 'copy'): Promise<unknown> =>
  exportLabels(project.folder, { path, format, placement });

describe('what is exported', () => {
  it.each([
    ['manifest-csv', 'out.csv'],
    ['manifest-jsonl', 'out.jsonl'],
    ['manifest-parquet', 'out.parquet'],
  ] as const)('comes back from a %s with its labels, splits and columns', async (format, name) => {
    const path = join(source.path, name);
    await write(path, format);
    expect(await again.import(path)).toMatchObject({ kind: 'manifest', added: 4, problems: 0 });
    expect(contents(again)).toEqual(contents(project));
  });

  it.each(['copy', 'link'] as const)(
    'comes back from a Hugging Face folder (%s), and cannot overwrite one',
    async (how) => {
      const path = join(source.path, 'out');
      await write(path, 'hf-folder', how);
      expect(readdirSync(path).sort()).toEqual(['test', 'train', 'val']);
      expect(lstatSync(join(path, 'test/2.png')).isSymbolicLink()).toBe(how === 'link');
      expect(await again.import(path)).toMatchObject({ kind: 'manifest', added: 4, problems: 0 });
      expect(contents(again)).toEqual(contents(project));
      await expect(write(path, 'hf-folder')).rejects.toMatchObject({ code: 'export-failed' });
    },
  );

  it('comes back from COCO’s annotations: labels, splits and columns, and what has no label without one', async () => {
    const path = join(source.path, 'out');
    await write(path, 'coco');
    expect(readdirSync(path).sort()).toEqual(['annotations', 'test', 'train', 'val']);
    expect(readdirSync(join(path, 'annotations')).sort()).toEqual([
      ...['instances_test.json', 'instances_train.json', 'instances_val.json'],
    ]);
    const { images, annotations, categories } = JSON.parse(
      readFileSync(join(path, 'annotations/instances_train.json'), 'utf8'),
    ) as Record<string, Record<string, unknown>[]>;
    expect(images).toMatchObject([
      { file_name: '1.png', attributes: { artist: 'Ada', year: '1899' } },
      { file_name: '4.png' },
    ]);
    expect(annotations).toMatchObject([{ image_id: images![0]!['id'], iscrowd: 0 }]);
    expect(categories!.map(({ name }) => name)).toEqual(['owl, "big"', 'jay', 'a/b:c']);
    expect(await again.import(path)).toMatchObject({ kind: 'coco', added: 4, problems: 0 });
    // What COCO itself adds: which categories an image has, and how many annotations.
    again.folder.connection.exec(
      "DELETE FROM columnValues WHERE columnId IN (SELECT id FROM columns WHERE name IN ('categories', 'annotations'))",
    );
    expect(contents(again)).toEqual(contents(project));
  });

  it('comes back from class folders with labels and splits, under names that every file system takes', async () => {
    const path = join(source.path, 'out');
    await write(path, 'class-folders');
    expect(readdirSync(join(path, 'train')).sort()).toEqual(['4.png', 'owl, _big_']);
    expect(readdirSync(join(path, 'val'))).toEqual(['a_b_c']);
    expect(await again.import(path)).toMatchObject({ kind: 'split-class-folders', added: 4, problems: 0 });
  });

  it('is also what an archive holds, as files of their own', async () => {
    const zip = join(source.path, 'set.zip');
    source.write(
      'set.zip',
      encodeZip({
        'owl/1.png': await encodeImage('png', 9, 9, 1),
        'jay/1.png': await encodeImage('jpeg', 9, 9, 2),
      }),
    );
    await again.import(zip);
    const path = join(source.path, 'out');
    await exportLabels(again.folder, { path, format: 'class-folders', placement: 'link' });
    expect(readdirSync(join(path, 'train/jay'))).toEqual(['1.jpg']);
    expect(lstatSync(join(path, 'train/owl/1.png')).isFile()).toBe(true);
  });

  it('leaves nothing behind where an image is gone', async () => {
    const path = join(source.path, 'out');
    await source.writeImage('images/5.png', 5);
    project.folder.connection.exec("UPDATE samples SET path = 'images/gone.png' WHERE id = 4");
    await expect(write(path, 'class-folders')).rejects.toMatchObject({ code: 'sample-file-missing' });
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(source.path).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('tells label issues in the columns of cleanlab, and tags in a column of a manifest', async () => {
    const { connection } = project.folder;
    const tagId = ensureTag(connection, 'blurred');
    changeTag(connection, { sampleIds: [1 as SampleId], tagId, added: true }, 'Ada');
    await write(join(source.path, 'out.csv'), 'manifest-csv');
    await write(join(source.path, 'issues.csv'), 'issues');
    const rows = (name: string): unknown[] => parse(readFileSync(join(source.path, name)), { columns: true });
    expect(rows('out.csv')[0]).toMatchObject({ path: 'images/1.png', tags: 'blurred', artist: 'Ada' });
    expect(rows('issues.csv')[1]).toEqual({
      ...{
        path: 'images/2.png',
        is_label_issue: 'False',
        label_score: '',
        given_label: 'jay',
        predicted_label: '',
      },
    });
  });
});

describe('names of exported files', () => {
  it('lead nowhere else and never meet', () => {
    expect(['../x', 'CON', 'a.', '', '.git', 'a\u0000b'].map(safeName)).toEqual([
      ...['_.._x', '_CON', 'a_', '_', '_.git', 'a_b'],
    ]);
    const names = new UniqueNames();
    expect(['a.png', 'A.png', 'a.png'].map((name) => names.take(name))).toEqual([
      'a.png',
      'A-2.png',
      'a-3.png',
    ]);
    mkdirSync(join(source.path, safeName('../../up')));
  });
});
