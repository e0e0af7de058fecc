import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeImage, makeTestFolder, type TestFolder } from '../../../testing/image-files.ts';
import { makeImportProject, type ImportProject } from '../../../testing/imported-project.ts';
import { encodeTar } from '../../../testing/tar-writer.ts';
import { encodeZip } from '../../../testing/zip-writer.ts';
import { inspectSource } from './inspect-source.ts';

let source: TestFolder;
let project: ImportProject;
let image: Buffer;
beforeEach(async () => {
  source = makeTestFolder();
  project = makeImportProject();
  image = await encodeImage('png', 9, 9, 1);
});
afterEach(() => {
  project.remove();
  source.remove();
});

const paths = (): unknown[] => project.rows('SELECT path FROM samples ORDER BY id').map(({ path }) => path);
const problems = (): string[] =>
  project
    .rows(`SELECT path || ' ' || reason AS line FROM problems ORDER BY path`)
    .map(({ line }) => line as string);

async function importBytes(name: string, bytes: Uint8Array): Promise<unknown> {
  const path = join(source.path, name);
  writeFileSync(path, bytes);
  return project.import(path);
}

describe('archives that mean harm', () => {
  it('lists names that lead out of a zip, and reads names as Windows writes them', async () => {
    const entries = ['../../out.png', '/etc/out.png', 'C:\\out.png', 'a/../../out.png', 'a\u0007.png'];
    const hostile = Object.fromEntries(entries.map((name) => [name, image]));
    await importBytes('harm.zip', encodeZip({ ...hostile, 'owl\\1.png': image, './owl/2.png': image }));
    expect(paths()).toEqual(['owl/1.png', 'owl/2.png']);
    expect(problems()).toHaveLength(entries.length);
    expect(problems().every((line) => line.endsWith('unsafe-path'))).toBe(true);
  });

  it('follows no link of a zip or tar, and lists names that lead out of a tar', async () => {
    const link = { bytes: '/etc/passwd', stored: true, mode: 0o120777 };
    await importBytes('links.zip', encodeZip({ 'a/1.png': image, 'a/link.png': link }));
    expect(problems()).toEqual(['a/link.png unsafe-path']);
    await importBytes(
      'links.tar',
      await encodeTar({ 'b/1.png': image, '../2.png': image }, { 'b/link.png': '/etc' }),
    );
    expect(paths()).toEqual(['a/1.png', 'b/1.png']);
    expect(problems()).toEqual(['../2.png unsafe-path', 'a/link.png unsafe-path', 'b/link.png unsafe-path']);
  });

  it('expands no bomb: neither one that is honest, nor one that lies about its size, nor files that share bytes', async () => {
    const zeros = Buffer.alloc(80 * 2 ** 20);
    const bombs = {
      'honest.png': zeros,
      'liar.png': { bytes: zeros.subarray(0, 2 ** 20), claimedBytes: 100 },
    };
    await importBytes('bomb.zip', encodeZip({ 'a/1.png': image, ...bombs }));
    expect(paths()).toEqual(['a/1.png']);
    expect(problems()).toEqual(['honest.png too-large', 'liar.png unreadable']);
    const shared = encodeZip({ 'a/1.png': image, 'a/2.png': { bytes: image, claimedOffset: 0 } });
    await expect(importBytes('shared.zip', shared)).rejects.toMatchObject({ code: 'source-archive-invalid' });
  });

  it('inflates no compressed tar beyond a hundred times its size, and leaves nothing of it', async () => {
    const zeros = Buffer.alloc(80 * 2 ** 20);
    const bomb = gzipSync(await encodeTar({ 'a/1.png': zeros }));
    await expect(importBytes('bomb.tar.gz', bomb)).rejects.toMatchObject({
      ...{ code: 'source-archive-invalid', details: { reason: 'it expands more than 100 times' } },
    });
    await expect(importBytes('cut.tgz', bomb.subarray(0, 4000))).rejects.toMatchObject({
      code: 'source-archive-invalid',
    });
  });

  it('says of a broken archive what is wrong with it, and makes nothing of it', async () => {
    const zip = encodeZip({ 'a/1.png': image });
    const tar = await encodeTar({ 'a/1.png': image });
    for (const [name, bytes] of [
      ['cut.zip', zip.subarray(0, zip.length - 30)],
      ['cut.tar', tar.subarray(0, 600)],
      ['text.zip', Buffer.from('no zip at all')],
      ['text.tar', Buffer.alloc(2048, 'no tar at all')],
    ] as const)
      await expect(importBytes(name, bytes), name).rejects.toMatchObject({ code: 'source-archive-invalid' });
    expect(project.rows('SELECT * FROM sources')).toEqual([]);
  });
});

describe('files that mean harm', () => {
  it('refuses an image of 30,000 × 30,000 pixels by its header', async () => {
    await source.writeImage('a/1.png', 1);
    const large = Buffer.from(image);
    large.writeUInt32BE(30_000, 16);
    large.writeUInt32BE(30_000, 20);
    source.write('a/large.png', large);
    await project.import(source.path);
    expect(paths()).toEqual(['a/1.png']);
    expect(problems()).toEqual(['a/large.png too-large']);
  });

  it('keeps names of every script apart, and finds one name in either form of Unicode', async () => {
    const composed = 'caf\u00e9.png';
    const decomposed = 'cafe\u0301.png';
    const names = [decomposed, '\u202egnp.exe.png', '👩‍👩‍👧.png', 'CON.png', 'a:b*?.png'];
    for (const name of names) source.write(name, image);
    source.write('labels.csv', `path,label\n${composed},owl\nCON.png,jay\n`);
    await project.import(source.path);
    expect(paths()).toHaveLength(names.length);
    const labelled = project.rows(
      'SELECT s.path FROM samples s WHERE s.givenLabel IS NOT NULL ORDER BY s.path',
    );
    expect(labelled).toEqual([{ path: 'CON.png' }, { path: decomposed }]);
  });

  it('says what is wrong with a table or array that stops within itself', async () => {
    source.write('set.npz', encodeZip({ 'x.npy': '\x93NUMPY\x01\x00' }));
    source.write('a.parquet', Buffer.from('PAR1 and then nothing that a reader could use PAR1'));
    for (const name of ['set.npz', 'a.parquet'])
      await expect(inspectSource({ sourcePath: join(source.path, name) }), name).rejects.toMatchObject({
        code: 'source-array-invalid',
      });
  });
});
