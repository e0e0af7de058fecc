import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWords, useHome } from '../../testing/command-line.ts';
import { makeTestFolder, type TestFolder } from '../../testing/image-files.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-tags-'));
const project = path.join(folder, 'art.whence');
let leaveHome: () => void;
let source: TestFolder;

const whence = (...words: string[]) => runWords([...words, '--project', project]);

beforeAll(async () => {
  leaveHome = useHome(path.join(folder, 'home'));
  source = makeTestFolder();
  const rows = ['path,label,artist'];
  for (const [index, artist] of ['Monet', 'Monet', 'Manet', 'Morisot'].entries()) {
    await source.writeImage(`${index}.png`, index);
    rows.push(`${index}.png,${index % 2 === 0 ? 'sea' : 'land'},${artist}`);
  }
  source.write('labels.csv', rows.join('\n'));
  expect((await whence('import', source.path)).code).toBe(0);
}, 60_000);
afterAll(() => {
  leaveHome();
  source.remove();
  rmSync(folder, { recursive: true });
});

describe('tags on the command line', () => {
  it('are given to what columns, labels and numbers name, taken away, listed and exported', async () => {
    expect((await whence('tags', 'list')).out).toContain('There are no tags yet');
    const given = await whence(
      'tags',
      'give',
      'checked',
      '--where',
      'artist=Monet',
      '--where',
      'artist=Manet',
    );
    expect(given.out).toContain('3 of 3 matching images now have the tag checked; 3 have it.');
    expect((await whence('tags', 'give', 'checked', '--label', 'land')).out).toContain('1 of 2');
    const taken = await whence('tags', 'take', 'checked', '--tag', 'checked', '--label', 'sea');
    expect(taken.out).toContain('2 of 2 matching images no longer have the tag checked; 2 have it.');
    expect((await whence('tags', 'give', 'first', '--samples', '1,2', '--json')).out).toContain(
      '"changed": 2',
    );
    const asked = await whence('tags', 'take', 'first', '--query', 'not tagged(first) or artist = Nobody');
    expect(asked.out).toContain('0 of ');
    expect((await whence('export', '--query', 'width >', '--out', 'none.csv')).err).toContain(
      'character 8: expected a value',
    );
    expect((await whence('tags', 'list')).out).toMatch(/checked +2\n *first +2/);
    await whence('tags', 'rename', 'first', 'seen');
    expect((await whence('tags', 'rename', 'seen', 'checked')).err).toContain(
      'There is a tag checked already',
    );
    expect((await whence('tags', 'list')).out).toMatch(/seen +2/);
    await whence('tags', 'rename', 'seen', 'first');
    await whence('tags', 'give', 'gone', '--samples', '3');
    expect((await whence('tags', 'remove', 'gone')).out).toContain('gone from 1 image.');
    expect((await whence('tags', 'list')).out).not.toContain('gone');
    const file = path.join(folder, 'labels.csv');
    await whence('export', '--out', file);
    expect(readFileSync(file, 'utf8').split('\r\n')[2]).toMatch(/^1\.png,.*,checked \| first,Monet$/);
  });

  it('are given to what a saved view shows', async () => {
    expect(
      (await whence('views', 'save', 'by M', '--query', 'artist > Monet', '--order', 'artist')).out,
    ).toContain('1 images match');
    expect((await whence('views', 'list')).out).toMatch(/by M +artist > Monet +artist/);
    expect((await whence('tags', 'give', 'late', '--view', 'by M')).out).toContain('1 of 1 matching');
    expect((await whence('views', 'save', 'by M')).err).toContain('There is a saved view by M already');
    expect((await whence('views', 'save', 'wrong', '--order', 'colour')).err).toContain('no field or column');
    expect((await whence('views', 'remove', 'by M')).out).toContain('gone');
    expect((await whence('tags', 'give', 'late', '--view', 'by M')).err).toContain('no saved view by M');
    await whence('tags', 'remove', 'late');
  });

  it('are refused without a condition, and by names that the project does not have', async () => {
    expect((await whence('tags', 'give', 'checked')).err).toContain('Say which images');
    expect((await whence('tags', 'take', 'nothing', '--text', 'a')).err).toContain('no tag nothing');
    expect((await whence('tags', 'give', 'x', '--label', 'air')).err).toContain('land, sea');
    expect((await whence('tags', 'give', 'x', '--where', 'year=1')).err).toContain('Its columns are: artist');
    expect((await whence('tags', 'give', 'x', '--where', 'Monet')).err).toContain('artist=Monet');
    expect((await whence('tags', 'give', 'x', '--text', 'nowhere')).out).toContain('No image matches');
  });
});

describe('exclusions on the command line', () => {
  it('leave out what is named, let it in again, and say how many', async () => {
    const out = await whence('exclude', '--label', 'sea');
    expect(out.out).toContain('2 of 2 matching images are now excluded; 2 are excluded in all.');
    const again = await whence('include', '--query', 'excluded and artist = Manet', '--json');
    expect(JSON.parse(again.out)).toMatchObject({ matched: 1, changed: 1, excluded: 1 });
    expect((await whence('include', '--text', 'nowhere')).out).toContain('nothing was changed');
    expect((await whence('exclude')).err).toContain('Say which images');
    await whence('include', '--query', 'excluded');
  });
});

describe('history on the command line', () => {
  it('lists events, names a place, says what changed since, goes back there, and writes the log chained', async () => {
    await whence('history', 'snapshot', 'first pass');
    const { events } = JSON.parse((await whence('history', 'list', '--json')).out) as {
      events: { id: number }[];
    };
    await whence('tags', 'give', 'late', '--label', 'sea');
    const { out } = await whence('history', 'diff', '1');
    expect(out).toContain('2 images differ.');
    expect(out).toMatch(/tag late given +2/);
    expect((await whence('history', 'snapshot', 'first pass')).err).toContain('a snapshot with the name');
    expect((await whence('history', 'undo-to', '4711')).err).toContain('4711 cannot be gone back to');
    const back = await whence('history', 'undo-to', String(events[0]!.id));
    expect(back.out).toContain('Undid 1 step, of 2 images.');
    expect((await whence('history', 'diff', '1')).out).toContain('No image differs.');
    expect((await whence('history', 'snapshots')).out).toContain('first pass');
    const file = path.join(folder, 'history.jsonl');
    expect((await whence('history', 'export', '--out', file)).out).toContain('events written to');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const hashes = lines.map((line) =>
      createHash('sha256')
        .update(line.replace(/,"hash":"[^"]*"\}$/, '}'))
        .digest('hex'),
    );
    const parsed = lines.map(
      (line) => JSON.parse(line) as { previous: string; tagged: object[]; excluded: object[] },
    );
    expect(parsed.map(({ previous }) => previous)).toEqual(['0'.repeat(64), ...hashes.slice(0, -1)]);
    expect(parsed.flatMap(({ tagged }) => tagged)).toContainEqual({
      path: '1.png',
      tag: 'checked',
      given: true,
    });
    expect(parsed.flatMap((event) => event.excluded)).toContainEqual({ path: '0.png', excluded: true });
  });
});
