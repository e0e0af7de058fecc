import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestFolder, type TestFolder } from '../../../testing/image-files.ts';
import { writeIdxPair } from '../../../testing/idx-writer.ts';
import type { SourceLayout } from '../../contract/imports-service.ts';
import { inspectSource as inspect } from './inspect-source.ts';

let source: TestFolder;
beforeEach(() => {
  source = makeTestFolder();
});
afterEach(() => source.remove());

const inspectSource = (sourcePath: string) => inspect({ sourcePath });

/** Inspection reads names only, so empty files will do. */
function touch(...names: string[]): void {
  for (const name of names) source.write(name, '');
}

const look = async (path = source.path): Promise<unknown[]> => {
  const { kind, imageCount, classes, splits } = await inspectSource(path);
  return [
    kind,
    imageCount,
    counts(classes),
    splits.map(({ split, count }) => `${split} ${count}`).join(', '),
  ];
};

function counts(classes: SourceLayout['classes']): string {
  return classes.map(({ name, count }) => `${name} ${count}`).join(', ');
}

describe('inspectSource', () => {
  it('recognises one folder per class, however deep its images lie, with classes in natural order', async () => {
    touch('class10/a.png', 'class9/deep/er/b.JPG', 'class9/c.tif', 'readme.md');
    expect(await look()).toEqual(['class-folders', 3, 'class9 2, class10 1', 'train 3']);
    expect((await inspectSource(source.path)).otherFileCount).toBe(1);
  });

  it('recognises split folders by any of their names', async () => {
    touch('Training/cat/1.png', 'training/dog/1.png', 'valid/cat/1.png', 'testing/dog/1.png');
    expect(await look()).toEqual(['split-class-folders', 4, 'cat 2, dog 2', 'train 2, val 1, test 1']);
  });

  it('recognises split folders without classes', async () => {
    touch('train/1.png', 'test/2.png');
    expect(await look()).toEqual(['split-class-folders', 2, '', 'train 1, test 1']);
  });

  it('takes a folder called train for a class where others stand beside it', async () => {
    touch('train/1.png', 'bus/1.png', 'tram/1.png');
    expect(await look()).toEqual(['class-folders', 3, 'bus 1, train 1, tram 1', 'train 3']);
  });

  it('looks through folders that only wrap others', async () => {
    touch('archive/images/train/cat/1.png', 'archive/images/test/cat/2.png');
    expect(await look()).toEqual(['split-class-folders', 2, 'cat 2', 'train 1, test 1']);
  });

  it('calls images without folders, or in one plain folder, unlabelled', async () => {
    touch('1.png', '2.gif');
    expect(await look()).toEqual(['flat-folder', 2, '', 'train 2']);
    const plain = makeTestFolder();
    plain.write('images/1.png', '');
    expect(await look(plain.path)).toEqual(['flat-folder', 1, '', 'train 1']);
    plain.remove();
  });

  it('reads labels.csv, prefers the label under review, and ignores tables that are none', async () => {
    touch('images/1.png', 'images/2.png');
    source.write('labels.csv', 'path,label,given_label\nimages/1.png,truth,"a,""b"""\n2.png,truth,c\n');
    expect(await look()).toEqual(['manifest', 2, 'a,"b" 1, c 1', 'train 2']);
    expect(await look(`${source.path}/labels.csv`)).toEqual(await look());
    source.write('labels.csv', 'width,height\n1,2\n');
    expect((await look())[0]).toBe('flat-folder');
    source.write('labels.csv', 'path,label\n"unclosed,cat\n');
    await expect(inspectSource(source.path)).rejects.toMatchObject({ code: 'source-labels-invalid' });
  });

  it('recognises IDX pairs in a folder, below it, or by one of their files', async () => {
    const pair = { labels: [1, 0, 1], rows: 3, columns: 3, pixel: () => 7 };
    touch('MNIST/raw/notes.txt');
    writeIdxPair(`${source.path}/MNIST/raw`, { prefix: 'train', ...pair }, true);
    writeIdxPair(`${source.path}/MNIST/raw`, { prefix: 't10k', ...pair });
    const all = ['idx', 6, '0 2, 1 4', 'train 3, test 3'];
    expect(await look()).toEqual(all);
    expect(await look(`${source.path}/MNIST/raw`)).toEqual(all);
    const one = ['idx', 3, '0 1, 1 2', 'test 3'];
    expect(await look(`${source.path}/MNIST/raw/t10k-images-idx3-ubyte`)).toEqual(one);
    expect(await look(`${source.path}/MNIST/raw/t10k-labels-idx1-ubyte`)).toEqual(one);
  });

  it('names the classes of Fashion-MNIST where the folder says that it is that', async () => {
    touch('fashion-mnist/x.txt');
    writeIdxPair(`${source.path}/fashion-mnist`, {
      prefix: 'train',
      labels: [0, 9],
      rows: 2,
      columns: 2,
      pixel: () => 0,
    });
    expect(await look(`${source.path}/fashion-mnist`)).toEqual([
      'idx',
      2,
      'ankle-boot 1, t-shirt 1',
      'train 2',
    ]);
  });

  it('says so where there is nothing, or nothing that is an image', async () => {
    await expect(inspectSource(`${source.path}/none`)).rejects.toMatchObject({ code: 'source-not-found' });
    await expect(inspectSource(source.path)).rejects.toMatchObject({ code: 'source-no-images' });
    touch('notes.txt');
    await expect(inspectSource(`${source.path}/notes.txt`)).rejects.toMatchObject({
      code: 'source-no-images',
    });
  });
});
