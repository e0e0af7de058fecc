import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyExpression } from '../../../testing/any-expression.ts';
import { holdsFor, type QueriedImage } from '../../../testing/evaluate-query.ts';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { printQuery } from '../../core/query/print-query.ts';
import { SampleFilter } from '../../contract/samples-service.ts';
import type { ClassId, ModelId, SampleId, SampleTile } from '../../contract/vocabulary.ts';
import { classNames } from './classes.ts';
import { saveColumnCells } from './columns.ts';
import { countConfusion } from './confusion.ts';
import { decide } from './events.ts';
import { changeExclusion } from './exclusions.ts';
import { saveIssueRun } from './issues.ts';
import { insertPredictions } from './predictions.ts';
import { changeTag, ensureTag } from './tags.ts';
import { completeQuery } from './query-completions.ts';
import { querySamples, readTiles } from './samples.ts';

const classes = ['Été 100%', 'T-shirt', 'coat', '3'];
let fixture: ProjectFixture;
const images = new Map<SampleId, QueriedImage>();

const every = (step: number, of: readonly SampleId[]): SampleId[] =>
  of.filter((_, index) => index % step === 0);

/** Every kind of row that a condition can look at, each beside others that must not count. */
beforeAll(() => {
  fixture = makeProjectFixture({
    sampleCount: 90,
    classNames: classes,
    unlabelledShare: 0.2,
    missingShare: 0.2,
  });
  const { connection } = fixture.folder;
  const ids = fixture.sampleIds;
  const [first, second] = fixture.classIds as [ClassId, ClassId];
  decide(connection, { sampleIds: every(4, ids), action: 'other', label: first }, 'Ada');
  decide(connection, { sampleIds: every(7, ids), action: 'skip' }, 'Ada');
  changeExclusion(connection, { sampleIds: every(8, ids), excluded: true }, 'Ada');
  for (const [place, name] of ['night', 'shirt label'].entries())
    changeTag(
      connection,
      { sampleIds: every(3 + place, ids), tagId: ensureTag(connection, name), added: true },
      'Ada',
    );
  const cells = new Map(
    ids.map((id, index) => {
      const year = ['7', '07', 'shirt', '1899.5', undefined][index % 5];
      const artist = ['Monet', 'T-shirt', undefined][index % 3];
      return [id, new Map(Object.entries({ artist, year }).filter(([, value]) => value !== undefined))] as [
        SampleId,
        Map<string, string>,
      ];
    }),
  );
  const tiles = readTiles(connection, ids);
  saveColumnCells(
    connection,
    1,
    tiles.map(({ id, path }) => ({ path, cells: cells.get(id)! })),
  );
  connection
    .prepare('UPDATE samples SET width = 10 + id % 4, height = 10 + id % 3, bytes = 500 * (id % 5)')
    .run();
  const older = insertModel(fixture);
  const newer = insertModel(fixture);
  const probabilities = Float32Array.of(1, 0, 0, 0);
  const said = { fold: 0, labelSeen: null };
  insertPredictions(
    connection,
    older.modelId,
    ids.map((sampleId) => ({ ...said, sampleId, outOfSample: true, probabilities })),
  );
  const asked = every(2, ids);
  insertPredictions(
    connection,
    newer.modelId,
    asked.map((sampleId) => ({
      ...{ ...said, sampleId, outOfSample: sampleId % 3 === 0 },
      probabilities: Float32Array.of(0.125, 0.25, sampleId % 4 === 1 ? 0.5 : 0.0625, 0.125),
    })),
  );
  const run = {
    ...newer,
    method: 'combined' as const,
    estimatedNoise: null,
    seenEventId: 0,
    evidenceMethod: null,
  };
  const queue = every(5, ids);
  const found = { givenLabel: first, suggestedLabel: second, signals: {}, flagged: true };
  saveIssueRun(
    connection,
    run,
    queue.map((sampleId) => ({ ...found, sampleId, score: (sampleId % 4) / 4 })),
  );
  connection
    .prepare(
      `INSERT INTO subsets (id, runId, modelId, name, strategy, choices, keep, candidateCount, classes, folders, createdAt)
       VALUES (1, @runId, @modelId, 'night', 'random', '{}', 'high', 1, '[]', '[]', '')`,
    )
    .run(newer);
  const join = connection.prepare(
    'INSERT INTO subsetMembers (subsetId, sampleId, position) VALUES (1, ?, ?)',
  );
  every(6, ids).forEach((id, index) => join.run(id, index));
  for (const tile of readTiles(connection, ids))
    images.set(tile.id, describeImage(tile, cells.get(tile.id)!));
});
afterAll(() => {
  fixture.remove();
});

/** What the rows above say of one image. */
function describeImage(tile: SampleTile, columns: ReadonlyMap<string, string>): QueriedImage {
  const { id, width, height } = tile;
  const names = classNames(fixture.folder.connection);
  const nameOf = (label: ClassId | null): string | null => (label === null ? null : names.get(label)!);
  const isEvery = (step: number): boolean => every(step, fixture.sampleIds).includes(id);
  const [isAsked, isIssue] = [isEvery(2), isEvery(5)];
  const said =
    id % 4 === 1 ? { predicted: 'coat', confidence: 0.5 } : { predicted: 'T-shirt', confidence: 0.25 };
  return {
    fields: {
      ...{ id, width, height, path: tile.path, split: tile.split, format: 'png', channels: 1 },
      ...(isAsked ? said : {}),
      ...(isIssue ? { suggested: 'T-shirt', label_score: (id % 4) / 4 } : {}),
      label: nameOf(tile.label),
      given_label: nameOf(tile.givenLabel),
      decision: tile.decision ?? 'none',
      aspect: width / height,
      bytes: 500 * (id % 5),
    },
    columns,
    tags: [...(isEvery(3) ? ['night'] : []), ...(isEvery(4) ? ['shirt label'] : [])],
    subsets: isEvery(6) ? ['night'] : [],
    missing: tile.missing,
    excluded: isEvery(8),
    issue: isIssue,
    unseen: isAsked && id % 3 === 0,
  };
}

function found(query: string): number[] {
  return [...querySamples(fixture.folder.connection, SampleFilter.parse({ query }))];
}

describe('a query', () => {
  it('finds the images for which it holds, one by one', () => {
    const words = {
      columns: ['artist', 'year'],
      texts: ['shirt', 'ÉT', '%', '_', 'train/', 'night', 'Monet', '07', '"', ''],
      tags: ['night'],
      classes,
      numbers: [0.25, 1, 7, 10, 12, 1000, 1899.5],
      memberships: ['tagged' as const, 'subset' as const],
    };
    fc.assert(
      fc.property(anyExpression(words), (expression) => {
        const expected = [...images].filter(([, image]) => holdsFor(image, expression)).map(([id]) => id);
        expect(found(printQuery(expression))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('asks a model by its number or name, and counts what it had not seen', () => {
    expect(found('predicted(1) = "Été 100%" and confidence(1) = 1')).toHaveLength(90);
    expect(found('unseen(2)')).toEqual([...images].filter(([, image]) => image.unseen).map(([id]) => id));
  });

  it('names what the project does not have, and where it stands', () => {
    expect(() => found('label = coit')).toThrow('character 9: there is no class “coit”; did you mean coat?');
    expect(() => found('tagged(noon)')).toThrow('there is no tag “noon”; there are: night, shirt label');
    expect(() => found('widht > 3')).toThrow(
      'character 1: there is no field or column “widht”; did you mean',
    );
    expect(() => found('predicted(9) = coat')).toThrow('there is no model with predictions “9”');
    expect(() => found(`id = 1${' or id = 2'.repeat(390)}`)).not.toThrow();
  });
});

describe('a confusion matrix', () => {
  it('counts what each query behind its cells finds', () => {
    for (const by of ['label', 'given_label'] as const) {
      const request = { modelId: 2 as ModelId, by, unseenOnly: true };
      const { cells: counted, unseenCount } = countConfusion(fixture.folder.connection, request);
      for (const { query, count } of counted) expect(found(query)).toHaveLength(count);
      const unlabelled = [...images.values()].filter(({ unseen, fields }) => unseen && fields[by] === null);
      expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(unseenCount - unlabelled.length);
    }
  });
});

describe('completion', () => {
  const offered = (query: string): string[] =>
    completeQuery(fixture.folder.connection, query, query.length).items.map(({ label }) => label);

  it('offers fields and columns, the operators of a field, and its values with their counts', () => {
    expect(offered('la')).toEqual(['label', 'label_score', 'given_label', 'unlabelled', 'relabelled']);
    expect(offered('art')).toEqual(['artist']);
    expect(offered('artist ').slice(0, 3)).toEqual(['=', '!=', '<']);
    expect(offered('width ')).not.toContain('contains');
    expect(offered('label = "co')).toEqual(['coat']);
    expect(offered('artist in (M')).toEqual(['Monet']);
    expect(offered('split = ')).toEqual(['train', 'val', 'test']);
    expect(offered('tagged(')).toEqual(['night', 'shirt label']);
    expect(offered('predicted(')).toEqual(['2', '1']);
    expect(offered('width > 3 ')).toEqual(['and', 'or']);
    const { items, from, to } = completeQuery(fixture.folder.connection, 'predicted = "c', 14);
    expect(items).toEqual([{ text: '"coat" ', label: 'coat', note: '', kind: 'value', count: 23 }]);
    expect([from, to]).toEqual([12, 14]);
  });

  it('says why the whole query cannot be answered', () => {
    expect(completeQuery(fixture.folder.connection, 'label = coit', 3).error).toEqual({
      reason: 'there is no class “coit”; did you mean coat?',
      at: 8,
    });
  });
});
