import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Settings } from '../contract/settings-service.ts';
import type { StoredPart } from '../contract/storage-parts.ts';
import { openProjectFolder } from '../engine/storage/project-folder.ts';
import { listRuns, readRunProvenance } from '../engine/storage/runs.ts';
import { runWords, useHome } from '../../testing/command-line.ts';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-settings-'));
let leaveHome: () => void;
beforeAll(() => {
  leaveHome = useHome(path.join(folder, 'home'));
});
afterAll(() => {
  leaveHome();
  rmSync(folder, { recursive: true });
});

const whence = (...words: string[]) => runWords(words);

async function settings(...words: string[]): Promise<Settings> {
  const { code, out } = await whence('settings', ...words, '--json');
  expect(code).toBe(0);
  return (JSON.parse(out) as { settings: Settings }).settings;
}

describe('settings on the command line', () => {
  it('are what Whence chooses until they are set, and again after a reset', async () => {
    expect((await whence('settings', 'list')).out).toMatch(/threads +automatic: \d+/);
    expect(await settings('set', 'threads', '1')).toMatchObject({ threads: 1, memoryMib: 0 });
    expect(await settings('set', 'reviewer', '007')).toMatchObject({ reviewer: '007' });
    expect(await settings('set', 'shortcuts', '{"help":["F1"]}')).toMatchObject({
      shortcuts: { help: ['F1'] },
    });
    expect(await settings('reset', 'threads')).toMatchObject({ threads: 0, reviewer: '007' });
    expect(await settings('reset')).toMatchObject({ reviewer: null, shortcuts: {} });
  });

  it('refuse what is no setting and no value of one', async () => {
    expect((await whence('settings', 'set', 'colour', 'red')).err).toContain(
      'The settings are: reviewer, provider',
    );
    expect((await whence('settings', 'set', 'memory-mib', '100')).err).toContain('memory-mib cannot be 100');
  });

  it('say with how much a run computes, which is kept with the run', async () => {
    const source = path.join(folder, 'shapes');
    const project = path.join(folder, 'shapes.whence');
    await writeShapeFolder(source, { count: 24, classCount: 2, size: 8, seed: 1, flippedShare: 0 });
    await whence('import', source, '--project', project);
    const training = [
      'train',
      '--project',
      project,
      '--architecture',
      'linear',
      '--epochs',
      '1',
      '--folds',
      '0',
    ];
    expect((await whence(...training)).code).toBe(0);
    expect((await settings('set', 'memory-mib', '256')).memoryMib).toBe(256);
    expect((await settings('set', 'threads', '1')).threads).toBe(1);
    expect((await whence(...training)).code).toBe(0);
    const opened = openProjectFolder(project);
    const [newest] = listRuns(opened.connection);
    expect(readRunProvenance(opened.connection, newest!.id)).toMatchObject({
      threads: 1,
      memoryBytes: 256 * 2 ** 20,
    });
    opened.close();
  });
});

describe('storage on the command line', () => {
  it('tells the parts of a project and clears those that can be made again', async () => {
    const project = path.join(folder, 'shapes.whence');
    writeFileSync(path.join(project, 'features', 'shard'), new Uint8Array(5000));
    const sizes = async (...words: string[]) => {
      const { code, out } = await whence('storage', ...words, '--project', project, '--json');
      expect(code).toBe(0);
      const { parts } = JSON.parse(out) as { parts: StoredPart[] };
      return Object.fromEntries(parts.map(({ part, bytes }) => [part, bytes]));
    };
    const before = await sizes('list');
    expect(before).toMatchObject({ features: 5000 });
    expect(before['decisions']).toBeGreaterThan(10_000);
    const after = await sizes('clear', '--parts', 'features', 'thumbnails');
    expect(after).toMatchObject({ features: 0, models: before['models'] });
    expect(after['thumbnails']).toBeLessThan(before['thumbnails']!);
    expect(readdirSync(path.join(project, 'features'))).toEqual([]);
  });
});
