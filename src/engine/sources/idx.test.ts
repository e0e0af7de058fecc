import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { makeTestFolder } from '../../../testing/image-files.ts';
import { encodeIdx, writeIdxPair } from '../../../testing/idx-writer.ts';
import { openStoredFile } from './folder-tree.ts';
import {
  findIdxPairs,
  readIdx as readIdxFile,
  readIdxDimensions as dimensionsOf,
  readIdxPair as readPair,
} from './idx.ts';

const folder = makeTestFolder();
afterAll(() => folder.remove());

const readIdx = async (path: string) => readIdxFile(await openStoredFile(path));
const readIdxDimensions = async (path: string) => dimensionsOf(await openStoredFile(path));
const readIdxPair = async (images: string, labels: string) =>
  readPair(await openStoredFile(images), await openStoredFile(labels));

const content = fc
  .record({
    count: fc.integer({ min: 0, max: 6 }),
    rows: fc.integer({ min: 1, max: 5 }),
    columns: fc.integer({ min: 1, max: 5 }),
    gzip: fc.boolean(),
  })
  .chain((sizes) => {
    const length = sizes.count * sizes.rows * sizes.columns;
    return fc.record({
      sizes: fc.constant(sizes),
      data: fc.uint8Array({ minLength: length, maxLength: length }),
    });
  });

function write(bytes: Buffer, gzip: boolean): string {
  const path = join(folder.path, gzip ? 'file-idx3-ubyte.gz' : 'file-idx3-ubyte');
  writeFileSync(path, gzip ? gzipSync(bytes) : bytes);
  return path;
}

describe('readIdx', () => {
  it('gives back what was written, zipped or not', async () => {
    await fc.assert(
      fc.asyncProperty(content, async ({ sizes, data }) => {
        const dimensions = [sizes.count, sizes.rows, sizes.columns];
        const path = write(encodeIdx(dimensions, data), sizes.gzip);
        expect(await readIdxDimensions(path)).toEqual(dimensions);
        const read = await readIdx(path);
        expect(read.dimensions).toEqual(dimensions);
        expect(Buffer.from(read.data).equals(Buffer.from(data))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a file that is cut off or has bytes left over, and says which file', async () => {
    const whole = encodeIdx([3, 4, 4], new Uint8Array(48));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), fc.boolean(), async (length, gzip) => {
        const path = write(whole.subarray(0, length), gzip);
        await expect(readIdx(path)).rejects.toMatchObject({
          code: 'source-idx-invalid',
          details: { path, truncated: true },
        });
      }),
      { numRuns: 30 },
    );
    const longer = write(Buffer.concat([whole, Buffer.from([1])]), false);
    await expect(readIdx(longer)).rejects.toMatchObject({ code: 'source-idx-invalid' });
  });

  it('refuses a zipped file whose end is missing', async () => {
    const path = join(folder.path, 'cut-idx3-ubyte.gz');
    const zipped = gzipSync(
      encodeIdx(
        [50, 9, 9],
        Uint8Array.from({ length: 4050 }, (_, index) => index % 251),
      ),
    );
    writeFileSync(path, zipped.subarray(0, zipped.length / 2));
    await expect(readIdx(path)).rejects.toMatchObject({ details: { truncated: true } });
  });

  it('refuses other magic numbers, other types and impossible sizes without making room for them', async () => {
    const notIdx = write(Buffer.from('hello, this is text'), false);
    await expect(readIdx(notIdx)).rejects.toMatchObject({ code: 'source-idx-invalid' });
    const floats = encodeIdx([1, 1, 1], new Uint8Array(1));
    floats[2] = 0x0d;
    await expect(readIdx(write(floats, false))).rejects.toMatchObject({ code: 'source-idx-invalid' });
    const huge = encodeIdx([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], new Uint8Array(1));
    await expect(readIdx(write(huge, true))).rejects.toMatchObject({ code: 'source-idx-invalid' });
  });
});

describe('readIdxPair', () => {
  it('refuses labels that are not as many as the images', async () => {
    writeIdxPair(folder.path, { prefix: 'a', labels: [1, 2], rows: 2, columns: 2, pixel: () => 0 });
    writeFileSync(join(folder.path, 'a-labels-idx1-ubyte'), encodeIdx([3], new Uint8Array(3)));
    await expect(
      readIdxPair(join(folder.path, 'a-images-idx3-ubyte'), join(folder.path, 'a-labels-idx1-ubyte')),
    ).rejects.toMatchObject({ code: 'source-labels-mismatch', details: { imageCount: 2, labelCount: 3 } });
  });
});

describe('findIdxPairs', () => {
  it('knows training and test files by their names, and leaves single files out', () => {
    const pairs = findIdxPairs([
      't10k-labels-idx1-ubyte.gz',
      't10k-images-idx3-ubyte.gz',
      'train-images-idx3-ubyte',
      'train-images-idx3-ubyte.gz',
      'train-labels.idx1-ubyte',
      'extra-images-idx3-ubyte',
      'readme.txt',
    ]);
    expect(pairs).toEqual([
      {
        prefix: 'train',
        split: 'train',
        images: 'train-images-idx3-ubyte',
        labels: 'train-labels.idx1-ubyte',
      },
      {
        prefix: 't10k',
        split: 'test',
        images: 't10k-images-idx3-ubyte.gz',
        labels: 't10k-labels-idx1-ubyte.gz',
      },
    ]);
  });
});
