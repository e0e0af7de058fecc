import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';

const IMAGES = 60;
const folder = mkdtempSync(path.join(tmpdir(), 'whence-maps-'));
const source = path.join(folder, 'shapes');
const project = path.join(folder, 'shapes.whence');
let leaveHome: () => void;

const whence = (...words: string[]) => runWords([...words, '--project', project]);
const answer = (...words: string[]) => readAnswer(whence(...words, '--json'));

beforeAll(async () => {
  leaveHome = useHome(path.join(folder, 'home'));
  await writeShapeFolder(source, { count: IMAGES, classCount: 3, size: 16, seed: 1, flippedShare: 0 });
  await answer('import', source);
}, 60_000);
afterAll(() => {
  leaveHome();
  rmSync(folder, { recursive: true });
});

interface Shown {
  readonly points: readonly { sampleId: number; x: number; y: number; label: string }[];
}

const pointsOf = async (map: number) =>
  ((await answer('map', 'show', String(map))) as unknown as Shown).points;

describe('maps on the command line', () => {
  it('are made of the pixels where there is no model, the same for the same seed, and keep classes together', async () => {
    const made = await answer('map', 'make', '--epochs', '60');
    expect(made).toMatchObject({
      run: { status: 'finished', summary: { mapId: 1, images: IMAGES, source: 'pixels, 16 × 16' } },
    });
    await answer('map', 'make', '--epochs', '60', '--name', 'again');
    const points = await pointsOf(1);
    expect(points).toHaveLength(IMAGES);
    expect(await pointsOf(2)).toEqual(points);
    const nearest = points.map((own) =>
      points
        .filter((other) => other !== own)
        .reduce((best, other) =>
          Math.hypot(other.x - own.x, other.y - own.y) < Math.hypot(best.x - own.x, best.y - own.y)
            ? other
            : best,
        ),
    );
    const agreeing = points.filter((own, place) => own.label === nearest[place]!.label).length;
    expect(agreeing / IMAGES).toBeGreaterThan(0.6);
  }, 60_000);

  it('say how much principal components show, are listed and removed', async () => {
    const made = await answer('map', 'make', '--method', 'pca');
    const { run } = made as unknown as { run: { summary: { shownVariance: number } } };
    expect(run.summary.shownVariance).toBeGreaterThan(0.05);
    expect(run.summary.shownVariance).toBeLessThanOrEqual(1);
    expect((await whence('map', 'list')).out).toMatch(/again +UMAP +pixels, 16 × 16 +60/);
    await answer('map', 'remove', '2');
    const { maps } = await answer('map', 'list');
    expect(maps).toMatchObject([{ id: 3, method: 'pca' }, { id: 1 }]);
    const { code, err } = await whence('map', 'show', '2');
    expect(code).toBe(1);
    expect(err).toContain('There is no map 2');
  }, 60_000);
});

describe('images alike', () => {
  it('come in the order of their likeness, the image itself first, and are asked for in queries', async () => {
    const asked = await answer('alike', '7');
    expect(asked).toMatchObject({
      run: { status: 'finished', summary: { sampleId: 7, images: IMAGES, source: 'pixels, 16 × 16' } },
    });
    const { alike } = asked as unknown as {
      alike: { sampleId: number; path: string; likeness: number }[];
    };
    expect(alike[0]).toMatchObject({ sampleId: 7, likeness: 1 });
    const likenesses = alike.map(({ likeness }) => likeness);
    expect(likenesses).toEqual(likenesses.toSorted((a, b) => b - a));
    const classOf = (place: string): string => place.split('/').at(-2)!;
    const ofClass = alike.slice(1, 9).filter((other) => classOf(other.path) === classOf(alike[0]!.path));
    expect(ofClass.length).toBeGreaterThan(4);
    const tagged = await answer('tags', 'give', 'alike', '--query', `likeness >= ${alike[4]!.likeness}`);
    expect(tagged).toMatchObject({ changed: 5 });
    await expect(whence('alike', '999')).resolves.toMatchObject({ code: 1 });
  }, 60_000);
});
