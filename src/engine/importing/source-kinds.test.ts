import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeNpz } from '../../../testing/npz-writer.ts';
import { encodeImage, gradient, makeTestFolder, type TestFolder } from '../../../testing/image-files.ts';
import { makeImportProject, type ImportProject } from '../../../testing/imported-project.ts';
import { encodeParquet } from '../../../testing/parquet-writer.ts';
import { unpackTar } from '../sources/unpacked-tar.ts';
import { encodeTar } from '../../../testing/tar-writer.ts';
import { encodeZip } from '../../../testing/zip-writer.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { readOriginal } from '../images/original.ts';
import { readPixels } from '../images/sample-pixels.ts';
import { readThumbnail } from '../images/thumbnails.ts';
import { inspectSource } from './inspect-source.ts';

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

/** 'path split label' of every image that was imported. */
const samples = (): string[] =>
  project
    .rows(
      `SELECT s.path || ' ' || s.split || ' ' || coalesce(c.name, '-') AS line FROM samples s
       LEFT JOIN classes c ON c.id = s.label ORDER BY s.id`,
    )
    .map(({ line }) => line as string);

/** 'path column=value' of every cell. */
const cells = (): string[] =>
  project
    .rows(
      `SELECT s.path || ' ' || c.name || '=' || v.value AS line FROM columnValues v JOIN columns c ON c.id = v.columnId
       JOIN samples s ON s.id = v.sampleId ORDER BY s.id, c.name`,
    )
    .map(({ line }) => line as string);

const problems = (): string[] =>
  project
    .rows(`SELECT path || ' ' || reason AS line FROM problems ORDER BY path`)
    .map(({ line }) => line as string);

/** Every way in which an image is read again after the import: picture, original, pixels. */
async function expectReadable(count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => (index + 1) as SampleId);
  project.folder.thumbnails.exec('DELETE FROM thumbnails');
  for (const id of ids) {
    expect((await readThumbnail(project.folder, id, 96)).bytes.length).toBeGreaterThan(0);
    expect((await readOriginal(project.folder, id)).bytes.length).toBeGreaterThan(0);
  }
  const pixels = await readPixels(project.folder, ids, { size: 8, channels: 3 });
  expect(new Set(pixels).size).toBeGreaterThan(1);
}

describe('manifests', () => {
  it('reads JSON lines and tables under any name, by the paths in them', async () => {
    for (const seed of [1, 2]) await source.writeImage(`shots/${seed}.png`, seed);
    const lines = [
      { id: 1, shot: 'shots/1.png', species: 'owl', meta: { place: 'Ulm' }, seen: ['a', 'b'] },
      { id: 2, shot: 'shots/2.png', species: 'jay', where: null },
    ];
    source.write('birds.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    expect(await inspectSource({ sourcePath: source.path })).toMatchObject({
      kind: 'manifest',
      confidence: 'certain',
      table: { file: 'birds.jsonl', path: 'shot', label: null, split: null },
      alternatives: ['class-folders'],
    });
    await project.import(source.path, {}, { labelColumn: 'species' });
    expect(samples()).toEqual(['shots/1.png train owl', 'shots/2.png train jay']);
    expect(cells()).toContain('shots/1.png meta.place=Ulm');
    expect(cells()).toContain('shots/1.png seen=a | b');
    await expect(inspectSource({ sourcePath: source.path, labelColumn: 'genus' })).rejects.toMatchObject({
      code: 'source-column-unknown',
    });
  });

  it('imports of a chosen table what it names, wherever the images lie, and nothing outside of their folder', async () => {
    for (const seed of [1, 2, 3]) await source.writeImage(`images/${seed}.png`, seed);
    const rows = [
      '1.png,owl,val',
      `${join(source.path, 'images/2.png')},jay,test`,
      '../../etc/3.png,x,train',
    ];
    source.write('tables/choice.csv', `image,label,split\n${rows.join('\n')}\nhttps://a.b/4.png,x,train\n`);
    const choices = { imageRoot: join(source.path, 'images') };
    expect(await project.import(join(source.path, 'tables/choice.csv'), {}, choices)).toMatchObject({
      added: 2,
    });
    expect(samples()).toEqual(['1.png val owl', '2.png test jay']);
    expect(problems()).toEqual(['../../etc/3.png unsafe-path', 'https://a.b/4.png unsafe-path']);
    await expectReadable(2);
  });

  it('reads the image folders of Hugging Face: metadata in each split, labels from folders where no column has them', async () => {
    for (const split of ['train', 'test']) {
      await source.writeImage(`${split}/owl/1.png`, split.length);
      source.write(`${split}/metadata.jsonl`, `{"file_name":"owl/1.png","text":"an owl in ${split}"}\n`);
    }
    await project.import(source.path);
    expect(samples()).toEqual(['test/owl/1.png test owl', 'train/owl/1.png train owl']);
    expect(cells()).toEqual(['test/owl/1.png text=an owl in test', 'train/owl/1.png text=an owl in train']);
    expect(problems()).toEqual([]);
  });

  it('keeps a label of ten megabytes out, and says so', async () => {
    await source.writeImage('1.png', 1);
    source.write('labels.jsonl', `{"path":"1.png","label":"${'x'.repeat(500_000)}"}\n`);
    await project.import(source.path);
    expect(samples()).toEqual(['1.png train -']);
    expect(problems()).toEqual(['1.png label-unknown']);
    source.write('labels.jsonl', `{"path":"1.png","label":"${'x'.repeat(10_000_000)}"}\n`);
    await expect(project.import(source.path)).rejects.toMatchObject({ code: 'source-labels-invalid' });
  });
});

describe('COCO', () => {
  it('gives an image the category of its largest area, and keeps all categories', async () => {
    for (const seed of [1, 2, 3]) await source.writeImage(`val2017/${seed}.png`, seed);
    const box = (image_id: number, category_id: number, area: number, iscrowd = 0): object => ({
      ...{ image_id, category_id, area, iscrowd, bbox: [0, 0, 1, 1], segmentation: [[1.5, 2, 3, 4]] },
    });
    const coco = {
      info: { year: 2017 },
      images: [1, 2, 3, 4].map((id) => ({ id, file_name: `${id}.png`, width: 20 })),
      annotations: [box(1, 7, 10), box(1, 7, 10), box(1, 9, 15), box(1, 9, 99, 1), box(2, 9, 1)],
      categories: [
        { id: 7, name: 'cat' },
        { id: 9, name: 'dog' },
      ],
    };
    source.write('annotations/instances_val2017.json', JSON.stringify(coco));
    source.write('annotations/captions_val2017.json', JSON.stringify({ ...coco, categories: [] }));
    expect(await inspectSource({ sourcePath: source.path })).toMatchObject({
      kind: 'coco',
      confidence: 'certain',
    });
    await project.import(source.path);
    expect(samples()).toEqual(['val2017/1.png val cat', 'val2017/2.png val dog', 'val2017/3.png val -']);
    expect(cells()).toEqual([
      'val2017/1.png annotations=3',
      'val2017/1.png categories=cat | dog',
      'val2017/2.png annotations=1',
      'val2017/2.png categories=dog',
    ]);
    expect(problems()).toContain('4.png vanished');
    source.write('annotations/instances_val2017.json', JSON.stringify(coco).slice(0, 300));
    await expect(project.import(source.path)).rejects.toMatchObject({ code: 'source-labels-invalid' });
  });
});

describe('files of many images', () => {
  it('reads CIFAR-10 and CIFAR-100 batches with their class names', async () => {
    const planes = (seed: number): Uint8Array => {
      const pixels = gradient(32, 32, seed);
      return Uint8Array.from({ length: 3072 }, (_, at) => pixels[(at % 1024) * 3 + Math.floor(at / 1024)]!);
    };
    const ten = Buffer.concat([Buffer.from([3]), planes(1), Buffer.from([9]), planes(2)]);
    source.write('data_batch_1.bin', ten);
    source.write('test_batch.bin', ten.subarray(0, 3073));
    expect(await project.import(source.path)).toMatchObject({ kind: 'cifar', added: 3 });
    expect(samples()).toEqual([
      'data_batch_1.bin/000000 train cat',
      'data_batch_1.bin/000001 train truck',
      'test_batch.bin/000000 test cat',
    ]);
    const pixels = await readPixels(project.folder, [1 as SampleId], { size: 32, channels: 3 });
    expect(Buffer.from(pixels).equals(Buffer.from(planes(1)))).toBe(true);
    await expectReadable(3);
    source.write('hundred/train.bin', Buffer.concat([Buffer.from([1, 2]), planes(3)]));
    source.write('hundred/fine_label_names.txt', 'apple\nbaby\nbear\n');
    source.write('hundred/coarse_label_names.txt', 'fruit\npeople\n');
    await project.import(join(source.path, 'hundred'));
    expect(samples().at(-1)).toBe('train.bin/000000 train bear');
    expect(cells()).toEqual(['train.bin/000000 coarse_label=people']);
  });

  it('reads NPZ with grey or colour images, stored or packed, channels behind or before', async () => {
    const bytes = (count: number, from = 0): Uint8Array =>
      Uint8Array.from({ length: count }, (_, at) => from + at);
    const path = join(source.path, 'set.npz');
    writeNpz(path, {
      x_train: { type: '|u1', shape: [2, 4, 5], bytes: bytes(40) },
      y_train: { type: '<i8', shape: [2, 1], bytes: new Uint8Array(new BigInt64Array([1n, 0n]).buffer) },
      x_test: { type: '|u1', shape: [1, 3, 4, 5], bytes: bytes(60) },
      class_names: {
        type: '<U3',
        shape: [2],
        bytes: new Uint8Array(Uint32Array.from('owljay', (c) => c.charCodeAt(0)).buffer),
      },
    });
    expect(await project.import(path)).toMatchObject({ kind: 'npz', added: 3 });
    expect(samples()).toEqual([
      'set.npz/x_test/000000 test -',
      'set.npz/x_train/000000 train jay',
      'set.npz/x_train/000001 train owl',
    ]);
    await expectReadable(3);
  });

  it('reads NPZ with floats as brightness, and refuses what was normalised', async () => {
    const path = join(source.path, 'set.npz');
    const floats = (values: readonly number[]): Uint8Array =>
      new Uint8Array(Float32Array.from({ length: 32 }, (_, at) => values[at % values.length]!).buffer);
    writeNpz(path, { x: { type: '<f4', shape: [2, 4, 4], bytes: floats([0, 0.5, 1]) } });
    expect(await project.import(path)).toMatchObject({ kind: 'npz', added: 2, problems: 0 });
    await expectReadable(2);
    writeNpz(path, { x: { type: '<f4', shape: [2, 4, 4], bytes: floats([-2.1, 0, 2.6]) } });
    await expect(inspectSource({ sourcePath: path })).rejects.toMatchObject({ code: 'source-array-invalid' });
    // Beside bytes, floats are something that was made of them.
    writeNpz(path, {
      x: { type: '|u1', shape: [1, 4, 4], bytes: new Uint8Array(16) },
      features: { type: '<f4', shape: [2, 4, 4], bytes: floats([-2.1, 0, 2.6]) },
    });
    expect(await inspectSource({ sourcePath: path })).toMatchObject({ kind: 'npz', imageCount: 1 });
  });

  it('reads Parquet files with embedded images and the class names that Hugging Face keeps', async () => {
    const images = [await encodeImage('png', 9, 9, 1), await encodeImage('jpeg', 9, 9, 2)];
    const rows = images.map((bytes, index) => ({
      ...{ image: { bytes, path: `${index}.png` }, label: index, artist: ['Ada', 'Bob'][index] },
    }));
    writeFileSync(join(source.path, 'train-00000-of-00001.parquet'), encodeParquet(rows, ['owl', 'jay']));
    writeFileSync(
      join(source.path, 'test-00000-of-00001.parquet'),
      encodeParquet(rows.slice(1), ['owl', 'jay']),
    );
    expect(await project.import(source.path)).toMatchObject({ kind: 'parquet', added: 3 });
    expect(samples()).toEqual([
      'test-00000-of-00001.parquet/image/000000 test jay',
      'train-00000-of-00001.parquet/image/000000 train owl',
      'train-00000-of-00001.parquet/image/000001 train jay',
    ]);
    expect(cells()[0]).toBe('test-00000-of-00001.parquet/image/000000 artist=Bob');
    expect(await project.import(source.path)).toMatchObject({ unchanged: 3, added: 0 });
    await expectReadable(3);
  });

  it('reads WebDataset shards, each image with the files of its name', async () => {
    const image = await encodeImage('png', 9, 9, 1);
    const shard = (from: number): Promise<Buffer> =>
      encodeTar({
        [`${from}.png`]: image,
        [`${from}.cls`]: '7',
        [`${from + 1}.png`]: image,
        [`${from + 1}.json`]: '{"label":"owl","place":"Ulm"}',
        [`${from + 1}.txt`]: 'an owl',
      });
    source.write('shard-000-train.tar', await shard(0));
    source.write('shard-001-val.tar', await shard(10));
    expect(await inspectSource({ sourcePath: source.path })).toMatchObject({
      kind: 'webdataset',
      imageCount: 4,
    });
    await project.import(source.path);
    expect(samples()).toEqual([
      'shard-000-train.tar/0.png train 7',
      'shard-000-train.tar/1.png train owl',
      'shard-001-val.tar/10.png val 7',
      'shard-001-val.tar/11.png val owl',
    ]);
    expect(cells()).toContain('shard-000-train.tar/1.png place=Ulm');
    await expectReadable(4);
    await project.import(join(source.path, 'shard-000-train.tar'));
    expect(samples().slice(4)).toEqual(['0.png train 7', '1.png train owl']);
  });
});

describe('archives', () => {
  it('reads every layout from a zip or tar without unpacking it', async () => {
    const image = await encodeImage('png', 9, 9, 1);
    const folders = { 'set/train/owl/1.png': image, 'set/test/jay/2.png': image };
    source.write('folders.zip', encodeZip(folders));
    source.write('folders.tar', await encodeTar(folders));
    source.write(
      'table.zip',
      encodeZip({ 'metadata.csv': 'file_name,label\na/1.png,owl\n', 'a/1.png': image }),
    );
    for (const name of ['folders.zip', 'folders.tar']) {
      const layout = await inspectSource({ sourcePath: join(source.path, name) });
      expect(layout).toMatchObject({ kind: 'split-class-folders', container: name.slice(-3), imageCount: 2 });
      await project.import(join(source.path, name));
    }
    await project.import(join(source.path, 'table.zip'));
    expect(samples()).toEqual([
      ...['set/test/jay/2.png test jay', 'set/train/owl/1.png train owl'],
      ...['set/test/jay/2.png test jay', 'set/train/owl/1.png train owl'],
      'a/1.png train owl',
    ]);
    await expectReadable(5);
    source.write('packed.tar.xz', 'x');
    await expect(inspectSource({ sourcePath: join(source.path, 'packed.tar.xz') })).rejects.toMatchObject({
      code: 'source-archive-invalid',
    });
  });

  it('reads a tar that is compressed as a whole, and its images again where what was inflated is gone', async () => {
    const image = await encodeImage('png', 9, 9, 1);
    const tar = await encodeTar({ 'train/owl/1.png': image, 'test/jay/2.png': image });
    for (const name of ['set.tar.gz', 'set.tgz']) {
      source.write(name, gzipSync(tar));
      const path = join(source.path, name);
      expect(await inspectSource({ sourcePath: path })).toMatchObject({
        ...{ kind: 'split-class-folders', container: 'tar', imageCount: 2 },
      });
      expect(await project.import(path)).toMatchObject({ added: 2, problems: 0 });
      rmSync(await unpackTar(path));
    }
    await expectReadable(4);
  });

  it('takes the layout that a person names, where it is possible', async () => {
    await source.writeImage('a/1.png', 1);
    source.write('labels.csv', 'path,label\na/1.png,owl\n');
    expect(await inspectSource({ sourcePath: source.path })).toMatchObject({
      alternatives: ['class-folders'],
    });
    await project.import(source.path, {}, { layout: 'class-folders' });
    expect(samples()).toEqual(['a/1.png train a']);
    await expect(inspectSource({ sourcePath: source.path, layout: 'npz' })).rejects.toMatchObject({
      code: 'source-layout-impossible',
    });
  });
});
