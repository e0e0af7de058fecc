import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import type { QueryId } from '../../contract/vocabulary.ts';
import { listQueries, readQueries } from '../storage/queries.ts';
import { pixelCodec } from './image-codec.ts';
import { addQueryFiles, forgetQueries, readQueryImage, readQuerySet } from './query-files.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 1 });
});
afterEach(() => fixture.remove());

const asked = { codec: pixelCodec({ size: 8, channels: 1 }), classIds: [], denoiser: {} };
const context = { signal: new AbortController().signal, progress: () => undefined };

/** A grey image of one brightness, beside the project. */
async function image(name: string, brightness: number): Promise<string> {
  const path = join(fixture.folder.path, '..', name);
  const background = { r: brightness, g: brightness, b: brightness };
  await sharp({ create: { width: 8, height: 8, channels: 3, background } })
    .png()
    .toFile(path);
  return path;
}

const filesOf = (): string[] => readdirSync(fixture.folder.queriesPath);

describe('files of query images', () => {
  it('are copied in as they are; what cannot be read is named with its reason', async () => {
    const broken = join(fixture.folder.path, '..', 'broken.png');
    const good = await image('good.png', 40);
    writeFileSync(broken, readFileSync(good).subarray(0, 60));
    const text = join(fixture.folder.path, '..', 'text.txt');
    writeFileSync(text, 'no image');
    const missing = join(fixture.folder.path, '..', 'missing.png');
    const last = await image('last.png', 90);
    const { added, problems } = await addQueryFiles(fixture.folder, [
      ...[broken, good, fixture.folder.path, text, missing, last],
    ]);
    expect(added).toHaveLength(2);
    expect(problems.map(({ path }) => path)).toEqual([broken, fixture.folder.path, text, missing]);
    for (const { reason } of problems) expect(reason).not.toBe('');
    expect(readQueries(fixture.folder.connection, added).map(({ name }) => name)).toEqual([
      ...['good.png', 'last.png'],
    ]);
    rmSync(good);
    const { bytes, type } = readQueryImage(fixture.folder, added[0]!);
    expect(type).toBe('image/png');
    expect((await sharp(bytes).raw().toBuffer())[0]).toBe(40);
  });

  it('of equal content are kept once, and go when the last query that needs them goes', async () => {
    const [first, second] = [await image('first.png', 40), await image('second.png', 40)];
    const { added } = await addQueryFiles(fixture.folder, [first, second, await image('other.png', 41)]);
    expect(added).toHaveLength(3);
    expect(filesOf()).toHaveLength(2);
    const { file } = readQueries(fixture.folder.connection, [added[0]!])[0]!;
    forgetQueries(fixture.folder, [added[0]!]);
    expect(existsSync(join(fixture.folder.path, file))).toBe(true);
    forgetQueries(fixture.folder, [added[1]!]);
    expect(existsSync(join(fixture.folder.path, file))).toBe(false);
    expect(filesOf()).toHaveLength(1);
    expect(listQueries(fixture.folder.connection).map(({ id }) => id)).toEqual([added[2]]);
  });

  it('stay, all of them, where one of those to be forgotten is not there', async () => {
    const { added } = await addQueryFiles(fixture.folder, [await image('a.png', 1)]);
    const unknown = 99 as QueryId;
    expect(() => forgetQueries(fixture.folder, [added[0]!, unknown])).toThrow(
      expect.objectContaining({ code: 'query-not-found', details: { queryId: 99 } }),
    );
    expect(listQueries(fixture.folder.connection)).toHaveLength(1);
    expect(filesOf()).toHaveLength(1);
  });

  it.each([
    ['changed', (path: string) => writeFileSync(path, 'x', { flag: 'a' }), /bytes have changed/],
    ['lost', (path: string) => rmSync(path), /is missing/],
  ])('that were %s are refused by name', async (_, damage, reason) => {
    const { added } = await addQueryFiles(fixture.folder, [await image('a.png', 1)]);
    const stored = readQueries(fixture.folder.connection, added);
    damage(join(fixture.folder.path, stored[0]!.file));
    const refusal = {
      code: 'query-file-damaged',
      details: { queryId: added[0], reason: expect.stringMatching(reason) as string },
    };
    await expect(readQuerySet(fixture.folder, asked, stored, context)).rejects.toMatchObject(refusal);
    expect(() => readQueryImage(fixture.folder, added[0]!)).toThrow(expect.objectContaining(refusal));
  });

  it('are read as the denoiser sees them: its planes and side, in −1 … 1', async () => {
    const { added } = await addQueryFiles(fixture.folder, [
      await image('a.png', 0),
      await image('b.png', 255),
    ]);
    const stored = readQueries(fixture.folder.connection, added);
    const { images, keys, classIndices } = await readQuerySet(fixture.folder, asked, stored, context);
    expect(images).toEqual([new Float32Array(64).fill(-1), new Float32Array(64).fill(1)]);
    expect(keys).toEqual(stored.map(({ sha256 }) => sha256));
    expect(classIndices).toEqual([-1, -1]);
  });
});
