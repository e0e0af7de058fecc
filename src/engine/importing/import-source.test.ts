import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeImage, makeTestFolder, type TestFolder } from '../../../testing/image-files.ts';
import { writeIdxPair } from '../../../testing/idx-writer.ts';
import { makeImportProject, type ImportProject } from '../../../testing/imported-project.ts';
import { CancelledError } from '../../core/base/app-error.ts';
import type { ClassId, SampleId } from '../../contract/vocabulary.ts';
import { readThumbnail } from '../images/thumbnails.ts';
import { decide, undo } from '../storage/events.ts';
import { ensureClass } from '../storage/classes.ts';

let source: TestFolder;
let project: ImportProject;
beforeEach(() => {
  source = makeTestFolder();
  project = makeImportProject();
});
afterEach(() => {
  project.remove();
  source.remove();
});

const samples = (): Record<string, unknown>[] =>
  project.rows(
    `SELECT s.id, s.path, s.split, g.name AS given, c.name AS label, s.decision, s.missing
     FROM samples s LEFT JOIN classes g ON g.id = s.givenLabel LEFT JOIN classes c ON c.id = s.label ORDER BY s.id`,
  );
const problems = (): Record<string, unknown>[] =>
  project.rows('SELECT path, reason FROM problems ORDER BY path');
const idOf = (path: string): SampleId => samples().find((sample) => sample.path === path)!.id as SampleId;

function hashTree(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    const found = statSync(join(folder, name));
    hash.update(`${name} ${found.size} ${found.mtimeMs}`);
    if (found.isFile()) hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

async function writeThreeClasses(): Promise<void> {
  await source.writeImage('cat/1.png', 1);
  await source.writeImage('cat/2.png', 2);
  await source.writeImage('dog/1.png', 3);
  await source.writeImage('eel/10.png', 4);
  await source.writeImage('eel/9.png', 5);
}

describe('importing a folder', () => {
  it('stores images in natural order with classes, facts and thumbnails, and leaves the originals alone', async () => {
    await writeThreeClasses();
    const before = hashTree(source.path);
    const summary = await project.import(source.path);
    expect(summary).toMatchObject({ kind: 'class-folders', found: 5, added: 5, problems: 0, vanished: 0 });
    expect(samples().map(({ path, given }) => [path, given])).toEqual([
      ['cat/1.png', 'cat'],
      ['cat/2.png', 'cat'],
      ['dog/1.png', 'dog'],
      ['eel/9.png', 'eel'],
      ['eel/10.png', 'eel'],
    ]);
    const file = readFileSync(join(source.path, 'cat/1.png'));
    expect(
      project.rows('SELECT sha256, bytes, format, width, height, channels FROM samples LIMIT 1'),
    ).toEqual([
      {
        sha256: createHash('sha256').update(file).digest('hex'),
        bytes: file.length,
        format: 'png',
        width: 20,
        height: 14,
        channels: 3,
      },
    ]);
    expect((await readThumbnail(project.folder, 1 as SampleId, 256)).type).toBe('image/png');
    expect(hashTree(source.path)).toBe(before);
    expect(project.rows("SELECT text FROM events WHERE kind = 'import'")).toHaveLength(1);
  });

  it('turns what cannot be read into problems, stops for nothing, and forgets problems that were solved', async () => {
    await writeThreeClasses();
    const whole = await encodeImage('jpeg', 60, 60, 7);
    source.write('cat/empty.png', '');
    source.write('cat/half.jpg', whole.subarray(0, whole.length / 2));
    source.write('cat/text.png', 'no image at all');
    source.write('dog/notes.txt', 'a note');
    source.write('dog/raw.heic', 'x');
    symlinkSync(join(source.path, 'nowhere'), join(source.path, 'dog/link.png'));
    source.write('.hidden/secret.png', 'passed over');
    const summary = await project.import(source.path);
    expect(summary).toMatchObject({ found: 8, added: 5, problems: 6 });
    expect(problems()).toEqual([
      { path: 'cat/empty.png', reason: 'empty' },
      { path: 'cat/half.jpg', reason: 'truncated' },
      { path: 'cat/text.png', reason: 'not-an-image' },
      { path: 'dog/link.png', reason: 'unreadable' },
      { path: 'dog/notes.txt', reason: 'not-an-image' },
      { path: 'dog/raw.heic', reason: 'unsupported' },
    ]);
    source.write('cat/half.jpg', whole);
    rmSync(join(source.path, 'cat/empty.png'));
    expect(await project.import(source.path)).toMatchObject({ added: 1, unchanged: 5, problems: 4 });
    expect(problems().map(({ path }) => path)).not.toContain('cat/half.jpg');
  });

  it('finds names of every kind and does not run round in circles', async () => {
    await source.writeImage('Äpfel & Birnen/größe 1.png', 1);
    await source.writeImage('日本語/画像.png', 2);
    await source.writeImage(`long/${'x'.repeat(240)}.png`, 3);
    await source.writeImage('quote"s/a,b\nc.png', 4);
    source.write('long/bare', await encodeImage('webp'));
    source.write('long/wrong.png', await encodeImage('jpeg', 20, 20, 9));
    symlinkSync(source.path, join(source.path, 'long/loop'));
    symlinkSync(join(source.path, '日本語'), join(source.path, 'long/again'));
    expect(await project.import(source.path)).toMatchObject({ added: 6, problems: 0 });
    expect(project.rows("SELECT format FROM samples WHERE path = 'long/wrong.png'")).toEqual([
      { format: 'jpeg' },
    ]);
    expect(project.rows('SELECT name FROM classes ORDER BY name')).toHaveLength(4);
  });

  it('takes labels, splits and gaps from labels.csv', async () => {
    for (const seed of [1, 2, 3]) await source.writeImage(`images/${seed}.png`, seed);
    source.write(
      'labels.csv',
      '\uFEFFpath;true_label;given_label;split\r\nimages/1.png;x;cat;test\r\n./images/2.png;x;"dog; big";\r\nimages/9.png;x;cat;train\r\n',
    );
    expect(await project.import(source.path)).toMatchObject({ kind: 'manifest', added: 3 });
    expect(samples().map(({ path, split, given }) => [path, split, given])).toEqual([
      ['images/1.png', 'test', 'cat'],
      ['images/2.png', 'train', 'dog; big'],
      ['images/3.png', 'train', null],
    ]);
    expect(problems()).toEqual([
      { path: 'images/3.png', reason: 'label-unknown' },
      { path: 'images/9.png', reason: 'vanished' },
    ]);
  });

  it('keeps the other columns of a table, and follows them when it is imported again', async () => {
    for (const seed of [1, 2]) await source.writeImage(`${seed}.png`, seed);
    const cells = () =>
      project.rows(
        `SELECT s.path, c.name, v.value, v.number FROM columnValues v JOIN columns c ON c.id = v.columnId
         JOIN samples s ON s.id = v.sampleId ORDER BY 1, 2`,
      );
    source.write(
      'labels.csv',
      'path,label,Artist,year,note\n1.png,a,Monet,1899,\n2.png,a,Manet,007,"x, y"\n',
    );
    await project.import(source.path);
    expect(cells()).toEqual([
      { path: '1.png', name: 'Artist', value: 'Monet', number: null },
      { path: '1.png', name: 'year', value: '1899', number: 1899 },
      { path: '2.png', name: 'Artist', value: 'Manet', number: null },
      { path: '2.png', name: 'note', value: 'x, y', number: null },
      { path: '2.png', name: 'year', value: '007', number: null },
    ]);
    source.write('labels.csv', 'path,label,Artist\n1.png,a,Morisot\n');
    expect(await project.import(source.path)).toMatchObject({ unchanged: 2 });
    expect(cells().filter(({ path }) => path === '1.png')).toEqual([
      { path: '1.png', name: 'Artist', value: 'Morisot', number: null },
    ]);
  });

  it('stops between files when cancelled, with a whole database, and goes on where it stopped', async () => {
    for (let index = 0; index < 600; index++)
      source.write(`c/${index}.png`, await encodeImage('png', 4, 4, index));
    const abort = new AbortController();
    const cancelled = project.import(source.path, {
      signal: abort.signal,
      progress: (_stage, fraction) => {
        if (fraction !== null && fraction > 0) abort.abort();
      },
    });
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    const stored = samples().length;
    expect(stored).toBeGreaterThan(0);
    expect(stored).toBeLessThan(600);
    expect(project.folder.connection.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(project.rows("SELECT * FROM events WHERE kind = 'import'")).toEqual([]);
    expect(await project.import(source.path)).toMatchObject({ unchanged: stored, added: 600 - stored });
  });
});

describe('importing again', () => {
  const decideOther = (path: string, name: string): ClassId => {
    const label = ensureClass(project.folder.connection, name);
    decide(project.folder.connection, { sampleIds: [idOf(path)], action: 'other', label }, 'Ada');
    return label;
  };

  it('finds new, changed, vanished and returned files and keeps ids and decisions', async () => {
    await writeThreeClasses();
    await project.import(source.path);
    decideOther('cat/1.png', 'dog');
    decideOther('dog/1.png', 'cat');
    const ids = samples().map(({ id }) => id);
    await source.writeImage('cat/1.png', 50);
    await source.writeImage('cat/3.png', 51);
    renameSync(join(source.path, 'dog'), join(source.path, '.away'));
    expect(await project.import(source.path)).toMatchObject({
      added: 1,
      changed: 1,
      unchanged: 3,
      vanished: 1,
    });
    expect(samples()[0]).toMatchObject({
      id: ids[0],
      given: 'cat',
      label: 'dog',
      decision: 'other',
      missing: 0,
    });
    expect(samples()[2]).toMatchObject({ id: ids[2], label: 'cat', decision: 'other', missing: 1 });
    // Gone stays gone, and is counted once.
    expect(await project.import(source.path)).toMatchObject({ unchanged: 5, vanished: 0 });
    renameSync(join(source.path, '.away'), join(source.path, 'dog'));
    expect(await project.import(source.path)).toMatchObject({ unchanged: 6, vanished: 0, added: 0 });
    expect(samples()[2]).toMatchObject({ id: ids[2], label: 'cat', decision: 'other', missing: 0 });
  });

  it('remakes the thumbnail of a changed file', async () => {
    await writeThreeClasses();
    await project.import(source.path);
    const before = (await readThumbnail(project.folder, 1 as SampleId, 96)).bytes;
    await source.writeImage('cat/1.png', 77);
    await project.import(source.path);
    const after = (await readThumbnail(project.folder, 1 as SampleId, 96)).bytes;
    expect(Buffer.from(after).equals(Buffer.from(before))).toBe(false);
  });

  it('recognises a file moved to another class folder as the same image', async () => {
    await writeThreeClasses();
    await project.import(source.path);
    const [undecided, decided] = [idOf('cat/1.png'), idOf('cat/2.png')];
    decideOther('cat/2.png', 'eel');
    renameSync(join(source.path, 'cat/1.png'), join(source.path, 'dog/renamed.png'));
    renameSync(join(source.path, 'cat/2.png'), join(source.path, 'dog/2.png'));
    expect(await project.import(source.path)).toMatchObject({
      moved: 2,
      added: 0,
      vanished: 0,
      unchanged: 3,
    });
    const after = samples();
    expect(after.find(({ id }) => id === undecided)).toMatchObject({
      path: 'dog/renamed.png',
      given: 'dog',
      label: 'dog',
    });
    expect(after.find(({ id }) => id === decided)).toMatchObject({
      path: 'dog/2.png',
      given: 'dog',
      label: 'eel',
      decision: 'other',
    });
    undo(project.folder.connection, 'Ada');
    expect(samples().find(({ id }) => id === decided)).toMatchObject({ label: 'dog', decision: null });
  });

  it('does not call a touched file changed', async () => {
    await writeThreeClasses();
    await project.import(source.path);
    utimesSync(join(source.path, 'cat/1.png'), new Date(), new Date(Date.now() + 5000));
    expect(await project.import(source.path)).toMatchObject({ changed: 0, unchanged: 5 });
  });

  it('keeps an image whose file broke, and lists the break', async () => {
    await writeThreeClasses();
    await project.import(source.path);
    decideOther('cat/1.png', 'dog');
    source.write('cat/1.png', 'broken now');
    expect(await project.import(source.path)).toMatchObject({ problems: 1, unchanged: 4 });
    expect(samples()[0]).toMatchObject({ label: 'dog', decision: 'other', missing: 1 });
    await source.writeImage('cat/1.png', 1);
    expect(await project.import(source.path)).toMatchObject({ problems: 0, unchanged: 5 });
    expect(samples()[0]).toMatchObject({ label: 'dog', missing: 0 });
  });

  it('changes nothing when the source is gone', async () => {
    await writeThreeClasses();
    await project.import(source.path);
    rmSync(source.path, { recursive: true });
    await expect(project.import(source.path)).rejects.toMatchObject({ code: 'source-not-found' });
    mkdirSync(source.path);
    await expect(project.import(source.path)).rejects.toMatchObject({ code: 'source-no-images' });
    expect(samples().every(({ missing }) => missing === 0)).toBe(true);
  });
});

describe('importing IDX files', () => {
  const pixel = (image: number, row: number, column: number): number => (image * 31 + row * 5 + column) % 256;

  it('stores every image by split, and finds changed labels and pixels again', async () => {
    writeIdxPair(source.path, { prefix: 'train', labels: [3, 1, 3], rows: 6, columns: 5, pixel }, true);
    writeIdxPair(source.path, { prefix: 't10k', labels: [1], rows: 6, columns: 5, pixel });
    expect(await project.import(source.path)).toMatchObject({ kind: 'idx', found: 4, added: 4 });
    expect(samples().map(({ path, split, given }) => [path, split, given])).toEqual([
      ['train/000000', 'train', '3'],
      ['train/000001', 'train', '1'],
      ['train/000002', 'train', '3'],
      ['test/000000', 'test', '1'],
    ]);
    expect(await project.import(source.path)).toMatchObject({ unchanged: 4, added: 0, changed: 0 });
    const other = (image: number, row: number, column: number): number =>
      image === 1 ? 200 : pixel(image, row, column);
    writeIdxPair(source.path, { prefix: 'train', labels: [2, 1], rows: 6, columns: 5, pixel: other }, true);
    utimesSync(join(source.path, 'train-images-idx3-ubyte.gz'), new Date(), new Date(Date.now() + 5000));
    expect(await project.import(source.path)).toMatchObject({ unchanged: 2, changed: 1, vanished: 1 });
    expect(samples().map(({ given, missing }) => [given, missing])).toEqual([
      ['2', 0],
      ['1', 0],
      ['3', 1],
      ['1', 0],
    ]);
  });

  it('imports the whole pairs beside a broken one and leaves its images as they were', async () => {
    writeIdxPair(source.path, { prefix: 'train', labels: [0, 1], rows: 4, columns: 4, pixel });
    writeIdxPair(source.path, { prefix: 't10k', labels: [1, 0], rows: 4, columns: 4, pixel });
    await project.import(source.path);
    source.write(
      't10k-images-idx3-ubyte',
      readFileSync(join(source.path, 't10k-images-idx3-ubyte')).subarray(0, 30),
    );
    expect(await project.import(source.path)).toMatchObject({ unchanged: 2, problems: 1, vanished: 0 });
    expect(samples().every(({ missing }) => missing === 0)).toBe(true);
    rmSync(join(source.path, 'train-images-idx3-ubyte'));
    await expect(project.import(source.path)).rejects.toMatchObject({ code: 'source-idx-invalid' });
  });
});
