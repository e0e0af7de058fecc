import { describe, expect, it } from 'vitest';
import { setOfSamples } from '../../contract/sample-set.ts';
import type { SampleId, SampleTile } from '../../contract/vocabulary.ts';
import { ImageCache } from './image-cache.svelte.ts';

const asId = (id: number): SampleId => id as SampleId;
const makeTile = (id: SampleId, path: string): SampleTile => ({
  id,
  path,
  split: 'train',
  givenLabel: null,
  label: null,
  decision: null,
  width: 28,
  height: 28,
  tags: [],
  missing: false,
});
function makeCache(
  fetch: (ids: SampleId[]) => Promise<readonly SampleTile[]>,
  keptCount = 1000,
): ImageCache<SampleTile> {
  return new ImageCache({ fetch, pageSize: 500, keptCount });
}
const settle = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));

describe('ImageCache', () => {
  it('fetches each tile once, and what is asked for in one moment together', async () => {
    const pages: number[][] = [];
    const cache = makeCache((ids) => {
      pages.push([...ids]);
      return Promise.resolve(ids.map((id) => makeTile(id, 'a.png')));
    });
    cache.request([asId(1), asId(2)]);
    cache.request([asId(2), asId(3)]);
    await settle();
    cache.request([asId(1), asId(2), asId(3)]);
    await settle();
    expect(pages).toEqual([[1, 2, 3]]);
    expect(cache.get(asId(3))?.path).toBe('a.png');
  });

  it('never asks for more than a page at once', async () => {
    const sizes: number[] = [];
    const cache = makeCache((ids) => {
      sizes.push(ids.length);
      return Promise.resolve([]);
    });
    cache.request(Array.from({ length: 1100 }, (_, index) => asId(index + 1)));
    await settle();
    expect(sizes).toEqual([500, 500, 100]);
  });

  it('shows the old tile until the changed one has arrived', async () => {
    let path = 'old.png';
    const cache = makeCache((ids) => Promise.resolve(ids.map((id) => makeTile(id, path))));
    cache.request([asId(1)]);
    await settle();
    path = 'new.png';
    cache.invalidate(setOfSamples([1]));
    expect(cache.get(asId(1))?.path).toBe('old.png');
    cache.request([asId(1)]);
    await settle();
    expect(cache.get(asId(1))?.path).toBe('new.png');
  });

  it('tells of no change where nothing came, so that nobody asks for ever', async () => {
    const cache = makeCache(() => Promise.resolve([]));
    const { version } = cache;
    cache.request([asId(1)]);
    await settle();
    expect(cache.version).toBe(version);
  });

  it('drops answers that were asked for before another project was opened', async () => {
    let release: (tiles: SampleTile[]) => void = () => undefined;
    const cache = makeCache(() => new Promise((resolve) => (release = resolve)));
    cache.request([asId(1)]);
    await settle();
    cache.clear();
    release([makeTile(asId(1), 'other-project.png')]);
    await settle();
    expect(cache.get(asId(1))).toBeNull();
  });

  it('keeps those that were asked for last', async () => {
    const cache = makeCache((ids) => Promise.resolve(ids.map((id) => makeTile(id, 'a.png'))), 2);
    for (const id of [1, 2, 1, 3]) await cache.ready([asId(id)]);
    expect([1, 2, 3].map((id) => cache.get(asId(id)) !== null)).toEqual([true, false, true]);
  });
});
