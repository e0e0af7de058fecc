import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../core/base/app-error.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { BatchReader, epochOrder } from './batches.ts';
import { learningRateAt } from './learning-rate.ts';
import { openPixelCache, type PixelCacheRequest } from './pixel-cache.ts';
import { measureNormalization, memoryPixels } from './pixel-source.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-pixels-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const SIZE = 4;
const identity = { means: [0], deviations: [1 / 255] };

describe('the pixel cache', () => {
  const images = Array.from({ length: 600 }, (_, index) => ({
    id: (index + 1) as SampleId,
    sha256: `${index}`,
  }));
  const asked: number[] = [];
  const request = (
    signal: AbortSignal,
    onProgress: (done: number) => void = () => undefined,
  ): PixelCacheRequest => ({
    cachePath: home,
    images,
    size: SIZE,
    channels: 1,
    signal,
    onProgress,
    readPixels: (ids) => {
      asked.push(...ids);
      return Promise.resolve(
        Uint8Array.from({ length: ids.length * 16 }, (_, byte) => ids[byte >> 4]! % 251),
      );
    },
  });

  it('decodes every image once, goes on after a stop, and gives back any rows in any order', async () => {
    const abort = new AbortController();
    const stopped = openPixelCache(request(abort.signal, () => abort.abort()));
    await expect(stopped).rejects.toBeInstanceOf(CancelledError);
    const live = new AbortController().signal;
    const pixels = await openPixelCache(request(live));
    (await openPixelCache(request(live))).close();
    expect(asked).toEqual(images.map((image) => image.id));
    const bytes = new Uint8Array(3 * 16);
    pixels.read([599, 0, 300], bytes);
    pixels.close();
    expect([bytes[0], bytes[16], bytes[32]]).toEqual([600 % 251, 1, 301 % 251]);
    expect(readdirSync(home).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});

describe('batches', () => {
  const bytes = Uint8Array.from({ length: 2 * 16 }, (_, index) => index);
  const pixels = memoryPixels(bytes, 1, SIZE);

  it('are normalised to mean zero and deviation one over the training images', () => {
    const rows = Int32Array.of(0, 1);
    const reader = new BatchReader(pixels, measureNormalization(pixels, rows), 2);
    const values = [...reader.read(rows)];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(1e-6);
    expect(variance).toBeCloseTo(1, 5);
  });

  it('are the same when images that were kept come again', () => {
    const rows = measureNormalization(pixels, Int32Array.of(0, 1));
    const [kept, made] = [true, false].map(
      (isReadAgain) => new BatchReader(pixels, rows, 3, { isReadAgain }),
    );
    for (const some of [[1], [1, 0], [0, 1, 1], [0]])
      expect(kept!.read(Int32Array.from(some))).toEqual(made!.read(Int32Array.from(some)));
  });

  it('keep the pixels as they are without augmentation, and pad the end with zeros', () => {
    const reader = new BatchReader(pixels, identity, 3);
    expect([...reader.read(Int32Array.of(1))].map((value) => Math.round(value))).toEqual([
      ...bytes.subarray(16),
      ...new Array<number>(32).fill(0),
    ]);
  });

  it('change an image by seed, epoch and image alone, whatever stands beside it', () => {
    const draw = { kinds: ['flip', 'crop'] as const, seed: 1, epoch: 2 };
    const alone = [...new BatchReader(pixels, identity, 1).read(Int32Array.of(1), draw)];
    const beside = [...new BatchReader(pixels, identity, 2).read(Int32Array.of(0, 1), draw)].slice(16);
    expect(beside).toEqual(alone);
    const seen = new Set<string>();
    for (let epoch = 0; epoch < 40; epoch++)
      seen.add(new BatchReader(pixels, identity, 1).read(Int32Array.of(1), { ...draw, epoch }).join());
    // Two mirrorings, and shifts by one pixel in each direction.
    expect(seen.size).toBeGreaterThan(10);
    expect(seen.size).toBeLessThanOrEqual(18);
  });

  it('come in another order each epoch, the same for the same seed', () => {
    const rows = Int32Array.from({ length: 50 }, (_, row) => row * 2);
    const order = epochOrder(rows, 1, 'main', 0);
    expect([...order].sort((a, b) => a - b)).toEqual([...rows]);
    expect(epochOrder(rows, 1, 'main', 0)).toEqual(order);
    expect(epochOrder(rows, 1, 'main', 1)).not.toEqual(order);
    expect(epochOrder(rows, 1, 'fold 0', 0)).not.toEqual(order);
  });
});

describe('the learning rate', () => {
  it('rises for a twentieth of the steps, then falls along half a cosine to nearly nothing', () => {
    const settings = { learningRate: 0.1, schedule: 'cosine' as const, epochs: 10 };
    const rates = Array.from({ length: 1000 }, (_, step) => learningRateAt(step, 100, settings));
    expect(rates[49]).toBeCloseTo(0.1);
    expect(rates[0]).toBeCloseTo(0.002);
    expect(rates[525]).toBeCloseTo(0.05);
    expect(rates[999]).toBeLessThan(1e-6);
    expect(learningRateAt(999, 100, { ...settings, schedule: 'constant' })).toBe(0.1);
  });
});
