import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import type { ImageIssueKind } from '../../contract/issue-kinds.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { planRule, type RuledImage } from '../finding/images/plan-rule.ts';
import { decide, redo, undo } from './events.ts';
import { changeExclusion, countExcluded } from './exclusions.ts';
import { pageHistory } from './history.ts';
import { findImageIssue, pageImageIssues, saveScans, summarizeImageIssues } from './image-issues.ts';
import { listOpenIssues, resolveIssues } from './issue-resolutions.ts';
import { listPresentSamples } from './labelled-samples.ts';
import { rebuildProjection } from './replay-events.ts';

let fixture: ProjectFixture;
let ids: readonly SampleId[];
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 12 });
  ids = fixture.sampleIds;
  const { runId } = insertModel(fixture);
  const cluster = (key: string, ...members: number[]) => ({
    ...{ key, score: 1, value: 1, detail: '', conflicting: false },
    members: members.map((index) => ({
      sampleId: ids[index]!,
      similarity: 1,
      relation: 'same-file' as const,
    })),
  });
  const scan = { threshold: null, examined: 12, histogram: null };
  saveScans(fixture.folder.connection, runId, [
    { ...scan, kind: 'exact-duplicate', issues: [cluster('a', 0, 1, 2), cluster('b', 3, 4)] },
    { ...scan, kind: 'blurred', issues: [cluster('1', 1)] },
  ]);
});
afterEach(() => {
  fixture.remove();
});

const excluded = (): number[] =>
  listPresentSamples(fixture.folder.connection).flatMap((sample) =>
    sample.excluded === 1 ? [ids.indexOf(sample.id)] : [],
  );
const resolve = (
  kind: ImageIssueKind,
  key: string,
  state: 'keep' | 'exclude' | 'skip',
  ...exclude: number[]
) =>
  resolveIssues(
    fixture.folder.connection,
    kind,
    [{ key, state, exclude: exclude.map((index) => ids[index]!) }],
    'Ada',
  );
const stateOf = (kind: ImageIssueKind, key: string) =>
  findImageIssue(fixture.folder.connection, kind, key)?.state;

describe('a decision about an issue', () => {
  it('excludes images, and is undone and redone as decisions about labels are', () => {
    const { connection } = fixture.folder;
    resolve('exact-duplicate', 'a', 'exclude', 1, 2);
    decide(connection, { sampleIds: [ids[5]!], action: 'skip' }, 'Ada');
    expect(excluded()).toEqual([1, 2]);
    undo(connection, 'Ada');
    const undone = undo(connection, 'Ada');
    expect(undone.text).toBe('Undid: Excluded 2 images of 1 cluster of exact duplicates');
    expect(undone.sampleIds).toEqual([ids[0], ids[1], ids[2]]);
    expect([excluded(), stateOf('exact-duplicate', 'a')]).toEqual([[], 'open']);
    redo(connection, 'Ada');
    expect([excluded(), stateOf('exact-duplicate', 'a')]).toEqual([[1, 2], 'exclude']);
    expect(pageHistory(connection, { from: 0, count: 1 }).entries[0]).toMatchObject({ sampleCount: 3 });
  });

  it('takes the place of an earlier one, and leaves alone what another issue excluded', () => {
    resolve('blurred', '1', 'exclude', 1);
    resolve('exact-duplicate', 'a', 'keep');
    expect(excluded()).toEqual([1]);
    resolve('exact-duplicate', 'b', 'exclude', 4);
    resolve('exact-duplicate', 'b', 'exclude', 3);
    expect(excluded()).toEqual([1, 3]);
    resolve('exact-duplicate', 'b', 'keep');
    expect([excluded(), countExcluded(fixture.folder.connection)]).toEqual([[1], 1]);
  });

  it('counts among the decided ones, and is what the log alone gives', () => {
    const { connection } = fixture.folder;
    resolve('exact-duplicate', 'b', 'exclude', 4);
    resolve('exact-duplicate', 'a', 'skip');
    undo(connection, 'Ada');
    const duplicates = () => summarizeImageIssues(connection).find(({ kind }) => kind === 'exact-duplicate');
    expect(duplicates()).toMatchObject({ total: 2, open: 1 });
    const page = { kind: 'exact-duplicate', from: 0, count: 9 } as const;
    expect(pageImageIssues(connection, { ...page, state: 'open' }).issues.map(({ key }) => key)).toEqual([
      'a',
    ]);
    connection.exec('DELETE FROM exclusions; DELETE FROM issueResolutions');
    rebuildProjection(connection);
    expect([excluded(), duplicates()?.open]).toEqual([[4], 1]);
  });

  it('leaves room for one about images alone, which tells what it changed and is taken back exactly', () => {
    const { connection } = fixture.folder;
    resolve('exact-duplicate', 'b', 'exclude', 4);
    const change = (isExcluded: boolean, ...indices: number[]) =>
      changeExclusion(
        connection,
        { sampleIds: indices.map((index) => ids[index]!), excluded: isExcluded },
        'Ada',
      ).map((id) => ids.indexOf(id));
    expect(change(true, 4, 7, 7, 6)).toEqual([6, 7]);
    expect(change(true, 7)).toEqual([]);
    expect(change(false, 4, 5, 7)).toEqual([4, 7]);
    expect([excluded(), stateOf('exact-duplicate', 'b')]).toEqual([[6], 'exclude']);
    rebuildProjection(connection);
    expect(excluded()).toEqual([6]);
    expect(undo(connection, 'Ada').text).toBe('Undid: Included 2 images again');
    expect(excluded()).toEqual([4, 6, 7]);
    expect(() =>
      changeExclusion(connection, { sampleIds: [999 as SampleId], excluded: true }, 'Ada'),
    ).toThrow('There is no image number 999');
  });

  it('is refused where there is no such issue, or where an image is none of its own', () => {
    expect(() => resolve('exact-duplicate', 'c', 'keep')).toThrow('There is no issue c');
    expect(() => resolve('exact-duplicate', 'b', 'exclude', 0)).toThrow('There is no image number');
    expect(excluded()).toEqual([]);
  });

  it('leaves the others open, with what rules look at', () => {
    resolve('exact-duplicate', 'a', 'keep');
    const open = listOpenIssues(fixture.folder.connection, 'exact-duplicate');
    expect(open.map(({ key, images }) => [key, images.map(({ id }) => id)])).toEqual([
      ['b', [ids[3], ids[4]]],
    ]);
  });
});

describe('planRule', () => {
  const image = (id: number, more: Partial<RuledImage> = {}): RuledImage => ({
    ...{ id: id as SampleId, split: 'train', width: 10, height: 10, bytes: 100, excluded: false },
    ...more,
  });

  it('keeps the image of most pixels, then of most bytes, then the first', () => {
    expect(planRule('keep-largest', [image(1), image(2, { width: 11 }), image(3)])).toEqual([1, 3]);
    expect(planRule('keep-largest', [image(1), image(2, { bytes: 101 })])).toEqual([1]);
    expect(planRule('keep-largest', [image(2), image(1)])).toEqual([2]);
    expect(planRule('keep-first', [image(2, { width: 99 }), image(1)])).toEqual([2]);
  });

  it('never chooses what is excluded already to stay', () => {
    expect(planRule('keep-largest', [image(1, { width: 99, excluded: true }), image(2), image(3)])).toEqual([
      3,
    ]);
    expect(planRule('keep-largest', [image(1, { excluded: true }), image(2)])).toEqual([]);
  });

  it('takes one side of a leak, and says nothing where there is only one', () => {
    const [learned, tested] = [image(1), image(2, { split: 'test' })];
    expect(planRule('exclude-train', [learned, tested])).toEqual([1]);
    expect(planRule('keep-train', [learned, tested])).toEqual([2]);
    expect(planRule('exclude-train', [learned, image(3)])).toBeNull();
    expect(planRule('keep-train', [tested, image(3, { split: 'val' })])).toBeNull();
    expect(planRule('exclude-train', [image(1, { excluded: true }), tested])).toEqual([]);
  });

  it('excludes all or none', () => {
    expect(planRule('exclude-all', [image(1), image(2)])).toEqual([1, 2]);
    expect(planRule('keep-all', [image(1)])).toEqual([]);
  });
});
