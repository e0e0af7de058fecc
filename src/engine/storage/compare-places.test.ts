import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import type { ClassId, SampleId } from '../../contract/vocabulary.ts';
import { comparePlaces } from './compare-places.ts';
import { lastEventId } from './event-log.ts';
import { decide, redo, undo, undoTo } from './events.ts';
import { pageHistory } from './history.ts';
import { saveScans } from './image-issues.ts';
import { resolveIssues } from './issue-resolutions.ts';
import { replayEvents } from './replay-events.ts';
import { listSnapshots, removeSnapshot, takeSnapshot } from './snapshots.ts';
import { changeTag, ensureTag } from './tags.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 12, unlabelledShare: 0.2 });
});
afterEach(() => fixture.remove());

const connection = () => fixture.folder.connection;
const relabel = (places: readonly number[], label: ClassId): void => {
  const sampleIds = places.map((place) => fixture.sampleIds[place]!);
  decide(connection(), { sampleIds, action: 'other', label }, 'Ada');
};
const labelsNow = (): Map<SampleId, ClassId | null> =>
  new Map([...replayEvents(connection())].map(([id, { label }]) => [id, label]));

describe('comparePlaces', () => {
  it('finds nothing between a place and itself, and all of it backwards', () => {
    relabel([0, 1], fixture.classIds[1]!);
    const here = lastEventId(connection());
    expect(comparePlaces(connection(), here, null)).toMatchObject({ changed: 0, labels: [], tags: [] });
    const forwards = comparePlaces(connection(), 0, here);
    const back = comparePlaces(connection(), here, 0);
    expect(back.sampleIds).toEqual(forwards.sampleIds);
    expect(back.classes.map(({ classId, before, after }) => [classId, after, before]).sort()).toEqual(
      forwards.classes.map(({ classId, before, after }) => [classId, before, after]).sort(),
    );
  });

  it('agrees with replaying the log, whatever is decided, undone and restored in between', () => {
    const step = fc.oneof(
      fc.record({
        places: fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 1 }),
        label: fc.nat(),
      }),
      fc.constantFrom('undo' as const, 'redo' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.array(step, { maxLength: 8 }), (first, second) => {
        const take = (steps: typeof first): void => {
          for (const each of steps)
            try {
              if (each === 'undo') undo(connection(), 'Ada');
              else if (each === 'redo') redo(connection(), 'Ada');
              else relabel(each.places, fixture.classIds[each.label % fixture.classIds.length]!);
            } catch (error) {
              expect(error).toMatchObject({ code: expect.stringMatching(/^nothing-to-/) as string });
            }
        };
        take(first);
        const [place, before] = [lastEventId(connection()), labelsNow()];
        take(second);
        const after = labelsNow();
        const { labels, classes } = comparePlaces(connection(), place, null);
        const moved = [...after].filter(([id, label]) => before.get(id) !== label).map(([id]) => id);
        expect(labels.flatMap(({ sampleIds }) => sampleIds).sort((a, b) => a - b)).toEqual(moved);
        for (const { from, to, sampleIds } of labels)
          for (const id of sampleIds) expect([before.get(id), after.get(id)]).toEqual([from, to]);
        const count = (labelled: typeof before, wanted: ClassId | null): number =>
          [...labelled.values()].filter((label) => label === wanted).length;
        for (const entry of classes) {
          expect(entry.before).toBe(count(before, entry.classId));
          expect(entry.after).toBe(count(after, entry.classId));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('counts tags that were given and taken', () => {
    const tagId = ensureTag(connection(), 'checked');
    const [first, second, third] = fixture.sampleIds;
    changeTag(connection(), { sampleIds: [first!, second!], tagId, added: true }, 'Ada');
    const place = lastEventId(connection());
    changeTag(connection(), { sampleIds: [first!], tagId, added: false }, 'Ada');
    changeTag(connection(), { sampleIds: [third!], tagId, added: true }, 'Ada');
    const { changed, tags, labels } = comparePlaces(connection(), place, null);
    expect({ changed, tags, labels }).toEqual({
      changed: 2,
      tags: [{ tagId, given: 1, taken: 1 }],
      labels: [],
    });
  });
});

describe('comparePlaces of exclusions', () => {
  it('counts images that were left out of trainings, and those that were taken in again', () => {
    const [first, second] = fixture.sampleIds;
    const members = [first!, second!].map((sampleId) => ({
      ...{ sampleId, similarity: 1, relation: 'alike' as const },
    }));
    const pair = { key: 'pair', score: 1, value: 1, detail: '', conflicting: false, members };
    const scan = { kind: 'near-duplicate', threshold: null, examined: 2, histogram: null } as const;
    saveScans(connection(), insertModel(fixture).runId, [{ ...scan, issues: [pair] }]);
    const exclude = [{ key: 'pair', state: 'exclude', exclude: [first!, second!] }] as const;
    resolveIssues(connection(), 'near-duplicate', exclude, 'Ada');
    const here = lastEventId(connection());
    const forwards = comparePlaces(connection(), 0, here);
    expect(forwards).toMatchObject({ changed: 2, excluded: 2, included: 0, labels: [] });
    expect(comparePlaces(connection(), here, 0)).toMatchObject({ changed: 2, excluded: 0, included: 2 });
  });
});

describe('undoTo', () => {
  it('leaves the chosen step on top, and each of the others can be restored', () => {
    relabel([0], fixture.classIds[1]!);
    const kept = lastEventId(connection());
    const before = labelsNow();
    relabel([1, 2], fixture.classIds[1]!);
    relabel([3], fixture.classIds[0]!);
    const after = labelsNow();
    const { sampleIds, redoText } = undoTo(connection(), kept, 'Ada');
    expect(labelsNow()).toEqual(before);
    expect(new Set(sampleIds)).toEqual(new Set([1, 2, 3].map((place) => fixture.sampleIds[place])));
    expect(redoText).not.toBeNull();
    const { entries } = pageHistory(connection(), { from: 0, count: 10 });
    expect(entries.filter(({ stands }) => stands).map(({ id }) => id)).toEqual([kept]);
    redo(connection(), 'Ada');
    redo(connection(), 'Ada');
    expect(labelsNow()).toEqual(after);
  });

  it('refuses a step that was undone, or that is none', () => {
    relabel([0], fixture.classIds[1]!);
    const undone = lastEventId(connection());
    undo(connection(), 'Ada');
    for (const eventId of [undone, 4711])
      expect(() => undoTo(connection(), eventId, 'Ada')).toThrow(
        expect.objectContaining({ code: 'event-not-standing' }),
      );
  });
});

describe('snapshots', () => {
  it('name what stands, once each, and go when they are removed', () => {
    relabel([0], fixture.classIds[1]!);
    const { id, eventId } = takeSnapshot(connection(), 'before the second pass', 'Ada');
    expect(eventId).toBe(lastEventId(connection()));
    expect(() => takeSnapshot(connection(), 'before the second pass', 'Ada')).toThrow(
      expect.objectContaining({ code: 'snapshot-name-taken' }),
    );
    removeSnapshot(connection(), id);
    expect(listSnapshots(connection())).toEqual([]);
    expect(() => removeSnapshot(connection(), id)).toThrow(
      expect.objectContaining({ code: 'snapshot-not-found' }),
    );
  });
});
