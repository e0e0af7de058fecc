import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { writePlantedImages } from '../../testing/planted-images.ts';
import type { ImageIssueMember, ImageIssueSummary, RuleEffect } from '../contract/image-issues-service.ts';

interface Listed {
  readonly state: string;
  readonly members: readonly (ImageIssueMember & { readonly path: string })[];
}

let home: string;
let restoreHome: () => void;

const words = (...more: string[]): string[] => [...more, '--project', join(home, 'a.whence'), '--json'];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'whence-issues-'));
  restoreHome = useHome(join(home, 'home'));
  await writePlantedImages(join(home, 'images'), 2);
  await readAnswer(runWords(words('import', join(home, 'images'))));
}, 60_000);

afterAll(() => {
  restoreHome();
  rmSync(home, { recursive: true, force: true });
});

it('whence issues find looks for the kinds asked for; list tells what there is; apply decides by a rule', async () => {
  const kinds = 'blank,leakage,exact-duplicate,near-duplicate,tiny';
  const found = await readAnswer<{ kinds: ImageIssueSummary[] }>(
    runWords(words('issues', 'find', '--kinds', kinds, '--threshold', 'tiny=0.05')),
  );
  const counts = Object.fromEntries(found.kinds.map(({ kind, total }) => [kind, total]));
  expect(counts).toEqual({ blank: 2, leakage: 2, 'exact-duplicate': 2, 'near-duplicate': 2, tiny: 0 });

  const effect = { issues: 2, excluded: 2, left: 0 };
  const apply = (...more: string[]) =>
    readAnswer<RuleEffect>(
      runWords(words('issues', 'apply', '--kind', 'leakage', '--rule', 'exclude-train', ...more)),
    );
  expect(await apply('--preview')).toMatchObject(effect);
  expect(await apply('--preview')).toMatchObject(effect);
  expect(await apply()).toMatchObject(effect);
  expect(await apply()).toMatchObject({ issues: 0, excluded: 0, left: 0 });

  const listed = await readAnswer<{ issues: Listed[] }>(
    runWords(words('issues', 'list', '--kind', 'leakage')),
  );
  expect(listed.issues.map(({ state }) => state)).toEqual(['exclude', 'exclude']);
  const excluded = listed.issues.flatMap(({ members }) => members).filter((member) => member.excluded);
  expect(excluded.map(({ path }) => path).toSorted()).toEqual([
    'train/square/learned.jpg',
    'train/square/learned.png',
  ]);
  expect(await readAnswer(runWords(words('issues', 'list')))).toMatchObject({ excluded: 2 });
}, 60_000);

it('refuses what it does not know, with what it does', async () => {
  const refuse = async (...more: string[]): Promise<string> => {
    const { code, err } = await runWords(words('issues', ...more));
    expect(code).not.toBe(0);
    return err;
  };
  expect(await refuse('find', '--kinds', 'ugly')).toContain('blurred');
  expect(await refuse('find', '--threshold', 'blurred')).toContain('blurred=-4');
  expect(await refuse('apply', '--kind', 'blank', '--rule', 'keep-largest')).toContain('exclude-all');
});
