import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { SampleFilter, type SampleFacets, type SampleOrder } from '../../contract/samples-service.ts';
import type { ClassId, DecisionAction, SampleId, SampleTile, TagId } from '../../contract/vocabulary.ts';
import { classNames } from './classes.ts';
import { saveColumnCells } from './columns.ts';
import { decide } from './events.ts';
import { changeExclusion } from './exclusions.ts';
import { saveIssueRun } from './issues.ts';
import { insertPredictions } from './predictions.ts';
import { countFacets } from './sample-facets.ts';
import type { CompleteFilter } from './sample-filter.ts';
import { countHistogram } from './sample-histograms.ts';
import { changeTag, ensureTag } from './tags.ts';
import { querySamples, readSampleDetail, readTiles } from './samples.ts';

let fixture: ProjectFixture;
let names: ReadonlyMap<ClassId, string>;
/** Every sample, and its place in the queue of the newest issue run. */
let tiles: readonly SampleTile[];
type Condition = CompleteFilter['columns'][number];
/** What a table says of some of them. */
const cells = new Map<SampleId, ReadonlyMap<string, string>>();
const ranks = new Map<SampleId, number>();
const excluded = new Set<SampleId>();

beforeAll(() => {
  fixture = makeProjectFixture({
    sampleCount: 300,
    classNames: ['Été 100%', 'T-shirt', 'under_wear', 'coat'],
    unlabelledShare: 0.1,
    missingShare: 0.1,
  });
  const { connection } = fixture.folder;
  names = classNames(connection);
  const queue = fixture.sampleIds.filter((_, index) => index % 4 === 1).reverse();
  const run = { method: 'combined' as const, estimatedNoise: null, seenEventId: 0, evidenceMethod: null };
  const found = { givenLabel: fixture.classIds[0]!, suggestedLabel: fixture.classIds[1]!, signals: {} };
  const older = insertModel(fixture);
  // An older run whose queue must not count.
  saveIssueRun(connection, { ...run, ...older }, [
    { ...found, sampleId: fixture.sampleIds[0]!, score: 1, flagged: true },
  ]);
  saveIssueRun(
    connection,
    { ...run, ...insertModel(fixture) },
    queue.map((sampleId) => ({ ...found, sampleId, score: 1, flagged: sampleId % 2 === 0 })),
  );
  queue.forEach((id, index) => ranks.set(id, index));
  const actions: DecisionAction[] = ['keep', 'accept', 'other', 'skip'];
  actions.forEach((action, index) => {
    const sampleIds = fixture.sampleIds.filter((_, position) => position % 9 === index);
    decide(connection, { sampleIds, action, label: fixture.classIds[index]! }, 'Ada');
  });
  for (const id of fixture.sampleIds.filter((_, index) => index % 3 === 2)) excluded.add(id);
  changeExclusion(connection, { sampleIds: [...excluded], excluded: true }, 'Ada');
  for (const [place, name] of ['night', 'blurred'].entries()) {
    const sampleIds = fixture.sampleIds.filter((_, index) => index % (3 + place) === 0);
    changeTag(connection, { sampleIds, tagId: ensureTag(connection, name), added: true }, 'Ada');
  }
  for (const [index, id] of fixture.sampleIds.entries()) {
    const artist = ['Monet', 'Manet', 'Morisot'][index % 5];
    if (artist !== undefined)
      cells.set(id, new Map([...Object.entries({ artist, year: String(1899 + (index % 7)) })]));
  }
  tiles = readTiles(connection, fixture.sampleIds);
  const described = tiles.map(({ id, path }) => ({ path, cells: cells.get(id) ?? new Map() }));
  saveColumnCells(connection, 1, described);
});
afterAll(() => {
  fixture.remove();
});

const words = [
  'train',
  'TEST',
  '00',
  'shirt',
  'été',
  'ÉT',
  '%',
  '_',
  '\\',
  "'",
  '100%',
  'coat',
  'r/t',
  'night',
  'mone',
  'nothing',
];
const anyFilter: fc.Arbitrary<CompleteFilter> = fc
  .record({
    text: fc.array(fc.constantFrom(...words), { maxLength: 3 }).map((chosen) => chosen.join('  ')),
    labels: fc.subarray([1, 2, 3, 4]),
    splits: fc.subarray(['train', 'val', 'test']),
    decisions: fc.subarray(['keep', 'accept', 'other', 'skip', 'none']),
    onlyIssues: fc.boolean(),
    onlyMissing: fc.boolean(),
    onlyExcluded: fc.boolean(),
    suggestedLabels: fc.subarray([1, 2]),
    tags: fc.subarray([1, 2]),
    ranges: fc.constantFrom(
      [],
      [{ field: 'year', from: 1901, to: null }],
      [{ field: 'label_score', from: 0.5, to: 1 }],
      [{ field: 'width', from: null, to: 27 }],
    ),
    columns: fc.constantFrom(
      [],
      [{ columnId: 1, values: ['Monet', 'Manet'] }],
      [
        { columnId: 1, values: ['Monet'] },
        { columnId: 2, from: 1900 },
      ],
      [{ columnId: 2, from: 1901.5, to: 1904 }],
    ),
  })
  .map((filter) => SampleFilter.parse(filter));

function matchesText(tile: SampleTile, text: string): boolean {
  const searched = [
    ...[tile.path, tile.label === null ? '' : names.get(tile.label)!],
    ...(cells.get(tile.id)?.values() ?? []),
    ...tile.tags.map((tag) => ['night', 'blurred'][tag - 1]!),
  ];
  const wanted = text.toLowerCase().split(/\s+/);
  return wanted.every((word) => searched.some((part) => part.toLowerCase().includes(word)));
}

/** The filter's meaning, one plain condition after the other. */
function matches(tile: SampleTile, filter: CompleteFilter): boolean {
  return (
    matchesText(tile, filter.text) &&
    matchesLabel(tile, filter.labels) &&
    anyOf(filter.splits, tile.split) &&
    anyOf(filter.decisions, tile.decision ?? 'none') &&
    matchesFlags(tile, filter) &&
    matchesSuggestion(tile, filter.suggestedLabels) &&
    matchesTags(tile, filter.tags) &&
    matchesNumbers(tile, filter)
  );
}

function matchesFlags({ id, missing }: SampleTile, filter: CompleteFilter): boolean {
  const isAmong = !filter.onlyIssues || ranks.has(id);
  return isAmong && (!filter.onlyMissing || missing) && (!filter.onlyExcluded || excluded.has(id));
}

/** No choice is no condition. */
function anyOf<Value>(choices: readonly Value[], value: Value): boolean {
  return choices.length === 0 || choices.includes(value);
}

function matchesTags(tile: SampleTile, tags: readonly TagId[]): boolean {
  return tags.length === 0 || tags.some((tag) => tile.tags.includes(tag));
}

function matchesColumn({ id }: SampleTile, { columnId, values, from, to }: Condition): boolean {
  const value = cells.get(id)?.get(columnId === 1 ? 'artist' : 'year');
  if (value === undefined) return false;
  return (
    (values.length === 0 || values.includes(value)) &&
    (from === null || Number(value) >= from) &&
    (to === null || Number(value) <= to)
  );
}

function matchesNumbers(tile: SampleTile, { columns, ranges }: CompleteFilter): boolean {
  return (
    columns.every((condition) => matchesColumn(tile, condition)) &&
    ranges.every((range) => matchesRange(tile, range))
  );
}

/** Every issue has the score 1. */
function matchesRange(tile: SampleTile, { field, from, to }: CompleteFilter['ranges'][number]): boolean {
  const year = cells.get(tile.id)?.get('year');
  const value =
    field === 'year' ? Number(year ?? NaN) : field === 'width' ? tile.width : ranks.has(tile.id) ? 1 : NaN;
  return value >= (from ?? -Infinity) && value <= (to ?? Infinity);
}

function matchesLabel({ label }: SampleTile, labels: readonly ClassId[]): boolean {
  return labels.length === 0 || (label !== null && labels.includes(label));
}

/** Every issue of the newest run suggests the second class. */
function matchesSuggestion(tile: SampleTile, suggested: readonly ClassId[]): boolean {
  return suggested.length === 0 || (ranks.has(tile.id) && suggested.includes(2 as ClassId));
}

const fields = ['import', 'path', 'label', 'label_score', 'year', 'artist', 'width'] as const;

function compare(a: SampleTile, b: SampleTile, { by, descending }: SampleOrder): number {
  const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
  /** Rank 1 has the highest score. */
  const keyOf = (tile: SampleTile): string | number | undefined =>
    ({
      import: tile.id,
      path: tile.path,
      label: tile.label === null ? undefined : names.get(tile.label),
      label_score: ranks.has(tile.id) ? -ranks.get(tile.id)! : undefined,
      year: cells.get(tile.id)?.get('year'),
      artist: cells.get(tile.id)?.get('artist'),
      width: tile.width,
    })[by as (typeof fields)[number]];
  const [left, right] = [keyOf(a), keyOf(b)];
  if (left === undefined || right === undefined)
    return Number(left === undefined) - Number(right === undefined) || a.id - b.id;
  const ascending = typeof left === 'number' ? left - Number(right) : byText(left, String(right));
  return (descending ? -ascending : ascending) || a.id - b.id;
}

const anyOrder = fc.record({ by: fc.constantFrom(...fields), descending: fc.boolean() });

describe('a query', () => {
  it('answers what looking at every image gives, in every order', () => {
    fc.assert(
      fc.property(anyFilter, anyOrder, (filter, order) => {
        const expected = tiles.filter((tile) => matches(tile, filter)).sort((a, b) => compare(a, b, order));
        const ids = querySamples(fixture.folder.connection, filter, order);
        expect([...ids]).toEqual(expected.map((tile) => tile.id));
      }),
      { numRuns: 300 },
    );
  });

  it('reads the covering index, not the table, in the order of paths', () => {
    const plan = fixture.folder.connection
      .prepare(
        'EXPLAIN QUERY PLAN SELECT s.id FROM samples s WHERE s.path LIKE ? AND s.missing = 1 ORDER BY s.path, s.id',
      )
      .all('%a%') as { detail: string }[];
    expect(plan.map((step) => step.detail)).toEqual(['SCAN s USING COVERING INDEX samplesByPath']);
  });
});

describe('facets', () => {
  it('count each choice under the filter without its own group', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        const facets = countFacets(fixture.folder.connection, filter);
        expect(facets.total).toBe(tiles.filter((tile) => matches(tile, filter)).length);
        for (const key of ['labels', 'splits', 'decisions'] as const) {
          const open = tiles.filter((tile) => matches(tile, { ...filter, [key]: [] }));
          expect(asCounts(facets[key])).toEqual(asCounts(open.map((tile) => choiceOf(tile, key))));
        }
        const untagged = tiles.filter((tile) => matches(tile, { ...filter, tags: [] }));
        expect(facets.tags).toEqual(
          [1, 2]
            .map((id) => ({ id, count: untagged.filter(({ tags }) => tags.includes(id as TagId)).length }))
            .filter(({ count }) => count > 0),
        );
        const columns = filter.columns.filter(({ columnId }) => columnId !== 1);
        const free = tiles.filter((tile) => matches(tile, { ...filter, columns }));
        const artists = free.flatMap(({ id }) => cells.get(id)?.get('artist') ?? []);
        expect(asCounts(facets.columns[0]!.values)).toEqual(
          asCounts(artists.map((value) => ({ value, count: 1 }))),
        );
        expect(facets.columns.map(({ name, kind }) => [name, kind])).toEqual([
          ['artist', 'text'],
          ['year', 'number'],
        ]);
        const issues = tiles.filter((tile) => matches(tile, { ...filter, onlyIssues: true }));
        const missing = tiles.filter((tile) => matches(tile, { ...filter, onlyMissing: true }));
        const without = tiles.filter((tile) => matches(tile, { ...filter, onlyExcluded: true }));
        expect([facets.issues, facets.missing, facets.excluded]).toEqual([
          ...[issues.length, missing.length, without.length],
        ]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a histogram', () => {
  it('counts the images of each part under the filter without its own condition', () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        const histogram = countHistogram(fixture.folder.connection, filter, 'year', 6);
        const ranges = filter.ranges.filter(({ field }) => field !== 'year');
        const columns = filter.columns.filter(({ columnId }) => columnId !== 2);
        const open = tiles.filter((tile) => matches(tile, { ...filter, ranges, columns }));
        const years = open.flatMap(({ id }) => cells.get(id)?.get('year') ?? []).map(Number);
        // Seven years in six parts: the last two share one.
        const counts = [1899, 1900, 1901, 1902, 1903, 1904].map(
          (first) => years.filter((year) => year === first || (first === 1904 && year === 1905)).length,
        );
        expect(histogram).toEqual({ field: 'year', from: 1899, to: 1905, counts });
      }),
      { numRuns: 100 },
    );
    expect(countHistogram(fixture.folder.connection, SampleFilter.parse({}), 'confidence', 6)).toBeNull();
    expect(countHistogram(fixture.folder.connection, SampleFilter.parse({}), 'width', 2)).toEqual({
      field: 'width',
      from: 28,
      to: 28,
      counts: [300, 0],
    });
  });
});

function choiceOf(tile: SampleTile, key: 'labels' | 'splits' | 'decisions'): object {
  if (key === 'labels') return { id: tile.label, count: 1 };
  return key === 'splits' ? { split: tile.split, count: 1 } : { decision: tile.decision ?? 'none', count: 1 };
}

/** Adds up entries of the same choice. */
function asCounts(entries: readonly (SampleFacets['labels'][number] | object)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { count, ...choice } of entries as { count: number }[]) {
    const key = JSON.stringify(choice);
    counts[key] = (counts[key] ?? 0) + count;
  }
  return counts;
}

describe('tiles', () => {
  it('come in the order asked for, without those that do not exist', () => {
    const [first, second] = fixture.sampleIds as [SampleId, SampleId];
    const read = readTiles(fixture.folder.connection, [second, 9999 as SampleId, first]);
    expect(read.map((tile) => tile.id)).toEqual([second, first]);
    expect(typeof read[0]!.missing).toBe('boolean');
  });
});

describe('one image in full', () => {
  it('carries its own history', () => {
    const detail = readSampleDetail(fixture.folder.connection, fixture.sampleIds[0]!);
    expect(detail.history.map((entry) => entry.text)).toEqual([
      'Kept the labels for 34 images',
      'Tagged 100 images night',
      'Tagged 75 images blurred',
    ]);
    expect(detail.columns.map(({ name, value }) => [name, value])).toEqual([
      ['artist', 'Monet'],
      ['year', '1899'],
    ]);
  });

  it('carries what the newest model that saw it says, the most probable class first', () => {
    const { connection } = fixture.folder;
    const [id, unseen] = fixture.sampleIds as [SampleId, SampleId];
    const older = insertModel(fixture).modelId;
    const newer = insertModel(fixture).modelId;
    const said = { sampleId: id, outOfSample: true, fold: 0, labelSeen: null };
    insertPredictions(connection, older, [{ ...said, probabilities: Float32Array.of(1, 0, 0, 0) }]);
    insertPredictions(connection, newer, [{ ...said, probabilities: Float32Array.of(0.25, 0, 0.5, 0.25) }]);
    const [first, second, third, fourth] = fixture.classIds as [ClassId, ClassId, ClassId, ClassId];
    expect(readSampleDetail(connection, id).prediction).toEqual({
      modelId: newer,
      outOfSample: true,
      probabilities: [
        { classId: third, probability: 0.5 },
        { classId: first, probability: 0.25 },
        { classId: fourth, probability: 0.25 },
        { classId: second, probability: 0 },
      ],
    });
    expect(readSampleDetail(connection, unseen).prediction).toBeNull();
  });

  it('is refused where there is none', () => {
    expect(() => readSampleDetail(fixture.folder.connection, 9999 as SampleId)).toThrow(
      expect.objectContaining({ code: 'sample-not-found' }),
    );
  });
});
