import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { setOfSamples } from '../../contract/sample-set.ts';
import { SampleFilter } from '../../contract/samples-service.ts';
import type { ClassId, SampleId } from '../../contract/vocabulary.ts';
import { saveColumnCells } from '../storage/columns.ts';
import { decide, undo } from '../storage/events.ts';
import { changeExclusion } from '../storage/exclusions.ts';
import { querySamples } from '../storage/samples.ts';
import { changeTag, ensureTag } from '../storage/tags.ts';
import { exportLabels } from './export-labels.ts';
import { csvHeader, toCsv, toJsonLines, type LabelRecord } from './label-record.ts';

const PLAIN_COLUMNS = [
  'path',
  'given',
  'corrected',
  'action',
  'score',
  'reviewer',
  'time',
  'sha256',
  'excluded',
] as const;
const COLUMNS = [...PLAIN_COLUMNS, 'tags'] as const;

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', ';', 'ä', '=', '\\', "'") }),
);
/** What no spreadsheet would run: the guard leaves it alone. */
const harmless = text.filter((value) => value !== '' && !/^[=+\-@\t\r]/.test(value));

const record: fc.Arbitrary<LabelRecord> = fc.record({
  path: harmless,
  given: fc.option(harmless),
  corrected: fc.option(harmless),
  action: fc.option(fc.constantFrom('keep', 'accept')),
  score: fc.option(fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)),
  reviewer: fc.option(harmless),
  time: fc.option(fc.constant('2026-01-01T00:00:00.000Z')),
  sha256: fc.constant('ab'),
  excluded: fc.boolean(),
  tags: fc.constant([]),
  columns: fc.constant({}),
});

describe('label records', () => {
  it('come back from CSV as they were, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
        const parsed = parse(csvHeader([]) + toCsv(records, []), { record_delimiter: '\r\n' });
        expect(parsed[0]).toEqual(COLUMNS);
        expect(parsed.slice(1)).toEqual(
          records.map((row) => [...PLAIN_COLUMNS.map((column) => String(row[column] ?? '')), '']),
        );
      }),
    );
  });

  it('come back from JSON lines exactly, one line each', () => {
    const anyRecord = record.chain((row) => text.map((path) => ({ ...row, path, given: path })));
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 5 }), (records) => {
        const lines = toJsonLines(records).split('\n');
        expect(lines.pop()).toBe('');
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
          records.map((row) => JSON.parse(JSON.stringify(row)) as unknown),
        );
      }),
    );
  });

  it('are disarmed where a spreadsheet would run them, and only there', () => {
    const cell = (column: 'path' | 'given', value: string): string => {
      const row: LabelRecord = {
        path: 'x',
        given: null,
        corrected: null,
        action: null,
        score: null,
        reviewer: null,
        time: null,
        sha256: '',
        excluded: false,
        tags: [],
        columns: {},
        [column]: value,
      };
      return parse(toCsv([row], []))[0]![COLUMNS.indexOf(column)]!;
    };
    expect(cell('path', '=cmd|x/1.png')).toBe('./=cmd|x/1.png');
    expect(cell('path', '-1/2.png')).toBe('./-1/2.png');
    expect(cell('given', '=HYPERLINK("http://x")')).toBe('\'=HYPERLINK("http://x")');
    expect(cell('given', '+cmd|x')).toBe("'+cmd|x");
    for (const symbol of ['+', '-', '=', '-1', '=>', '@home']) expect(cell('given', symbol)).toBe(symbol);
  });
});

describe('exportLabels', () => {
  let fixture: ProjectFixture;
  let target: string;
  beforeEach(() => {
    fixture = makeProjectFixture({ sampleCount: 4100 });
    target = join(fixture.folder.path, 'reports', 'labels.csv');
  });
  afterEach(() => fixture.remove());

  const readRows = (path = target): Record<string, string>[] => parse(readFileSync(path), { columns: true });

  it('writes every image with what it came with, what was decided, by whom and when', async () => {
    const [coat] = fixture.classIds;
    const id = fixture.sampleIds[2500]!;
    const undone = fixture.sampleIds[7]!;
    const { connection } = fixture.folder;
    decide(connection, { sampleIds: [id], action: 'other', label: coat! }, 'Ada');
    decide(connection, { sampleIds: [undone], action: 'skip' }, 'Ben');
    undo(connection, 'Ben');
    changeExclusion(connection, { sampleIds: [undone], excluded: true }, 'Ben');
    const result = await exportLabels(fixture.folder, { path: target, format: 'csv' });
    const bytes = readFileSync(target);
    expect(result).toEqual({
      path: target,
      rows: 4100,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const rows = readRows();
    expect(rows).toHaveLength(4100);
    expect(new Set(rows.map(({ path }) => path)).size).toBe(4100);
    expect(rows[2500]).toMatchObject({ corrected: 'coat', action: 'other', reviewer: 'Ada', score: '' });
    expect(Date.parse(rows[2500]!.time!)).not.toBeNaN();
    expect(rows[2500]!.excluded).toBe('false');
    expect(rows[7]).toMatchObject({ excluded: 'true', action: '', reviewer: '', time: '' });
    expect(rows[7]!.corrected).toBe(rows[7]!.given);
  });

  it('writes tags, and the columns that came with the images, under their own names', async () => {
    const { connection } = fixture.folder;
    const [first, second] = fixture.sampleIds as [SampleId, SampleId];
    for (const name of ['night', 'blurred'])
      changeTag(connection, { sampleIds: [first], tagId: ensureTag(connection, name), added: true }, 'Ada');
    const path = connection.prepare('SELECT path FROM samples WHERE id = ?').pluck().get(second) as string;
    const cells = new Map([
      ['camera', '=cmd|x'],
      ['score', '7'],
    ]);
    saveColumnCells(connection, 1, [{ path, cells }]);
    await exportLabels(fixture.folder, { path: target, format: 'csv' });
    const [one, two] = readRows() as [Record<string, string>, Record<string, string>];
    expect(one).toMatchObject({ tags: 'blurred | night', camera: '', 'imported score': '' });
    expect(two).toMatchObject({ tags: '', camera: "'=cmd|x", 'imported score': '7', score: '' });
    const lines = join(fixture.folder.path, 'reports', 'labels.jsonl');
    await exportLabels(fixture.folder, { path: lines, format: 'jsonl' });
    const [json] = readFileSync(lines, 'utf8').split('\n').slice(1);
    expect(JSON.parse(json!)).toMatchObject({ tags: [], columns: { camera: '=cmd|x', score: '7' } });
  });

  it('writes what a filter lets through, or what was selected, and the paths alone when asked to', async () => {
    const [coat] = fixture.classIds as [ClassId];
    const filter = { labels: [coat], splits: ['test' as const] };
    const { rows } = await exportLabels(fixture.folder, {
      ...{ path: target, format: 'csv' },
      scope: { kind: 'filter', filter },
    });
    const matching = querySamples(fixture.folder.connection, SampleFilter.parse(filter));
    expect(rows).toBe(matching.length);
    expect(new Set(readRows().map(({ corrected }) => corrected))).toEqual(new Set(['coat']));
    const sampleIds = [fixture.sampleIds[3000]!, fixture.sampleIds[1]!];
    await exportLabels(fixture.folder, {
      ...{ path: target, format: 'names' },
      scope: { kind: 'selection', images: setOfSamples(sampleIds) },
    });
    const paths = fixture.folder.connection
      .prepare('SELECT path FROM samples WHERE id IN (?, ?) ORDER BY id')
      .pluck()
      .all(...sampleIds);
    expect(readFileSync(target, 'utf8')).toBe(`${paths.join('\n')}\n`);
  });

  it('writes only what was changed when asked to', async () => {
    const { connection } = fixture.folder;
    const all = fixture.sampleIds.slice(0, 60);
    const label = fixture.classIds[1]!;
    decide(connection, { sampleIds: all, action: 'other', label }, 'Ada');
    await exportLabels(fixture.folder, { path: target, format: 'csv', onlyChanged: true });
    const rows = readRows();
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.length).toBeLessThan(60);
    expect(rows.every(({ given, corrected }) => given !== 'dress' && corrected === 'dress')).toBe(true);
  });

  it('shows one moment of the project, however it changes while it is written', async () => {
    const writing = exportLabels(fixture.folder, { path: target, format: 'jsonl' });
    const label = fixture.classIds[0]!;
    const deciding = new Promise<void>((resolve) => {
      setTimeout(() => {
        decide(
          fixture.folder.connection,
          { sampleIds: [...fixture.sampleIds], action: 'other', label },
          'Ada',
        );
        resolve();
      }, 0);
    });
    await Promise.all([writing, deciding]);
    const actions = readFileSync(target, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { action: string | null }).action);
    expect(actions).toHaveLength(4100);
    expect(new Set(actions).size).toBe(1);
  });

  it('leaves the old file and no partial one when it fails or is cancelled', async () => {
    writeFileSync(target, 'old');
    const abort = new AbortController();
    abort.abort();
    await expect(exportLabels(fixture.folder, { path: target, format: 'csv' }, abort.signal)).rejects.toThrow(
      'cancelled',
    );
    expect(readFileSync(target, 'utf8')).toBe('old');
    mkdirSync(`${target}.d/full`, { recursive: true });
    await expect(exportLabels(fixture.folder, { path: `${target}.d`, format: 'csv' })).rejects.toMatchObject({
      code: 'export-failed',
    });
    await expect(
      exportLabels(fixture.folder, { path: join(target, 'below', 'a-file.csv'), format: 'csv' }),
    ).rejects.toMatchObject({ code: 'export-failed' });
    expect(readdirSync(join(fixture.folder.path, 'reports')).sort()).toEqual(['labels.csv', 'labels.csv.d']);
  });
});
