import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { setOfSamples } from '../../contract/sample-set.ts';
import { SampleFilter } from '../../contract/samples-service.ts';
import type { ClassId, GroupId } from '../../contract/vocabulary.ts';
import { saveColumnCells } from '../storage/columns.ts';
import { listGroupMembers, listGroups, readGroup } from '../storage/groups.ts';
import { listTrainPaths } from '../storage/sample-paths.ts';
import { querySamples } from '../storage/samples.ts';
import { changeTag, ensureTag } from '../storage/tags.ts';
import { defineEach, defineGroup, previewEach } from './define-groups.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 40 });
});
afterEach(() => fixture.remove());

const connection = (): ProjectFixture['folder']['connection'] => fixture.folder.connection;
const membersOf = (id: GroupId): number[] => listGroupMembers(connection(), id);

/** Ids of the images of the train split that match. */
function trainImages(filter: object = {}): number[] {
  return Array.from(querySamples(connection(), SampleFilter.parse({ ...filter, splits: ['train'] })));
}

describe('groups of each tag and of each value of a column', () => {
  it('hold the images of the train split that have it; an image with two tags is in both', () => {
    for (const [place, name] of ['night', 'blurred'].entries()) {
      const sampleIds = fixture.sampleIds.slice(0, 10 * (place + 1));
      changeTag(connection(), { sampleIds, tagId: ensureTag(connection(), name), added: true }, 'Ada');
    }
    const [blurred, night] = defineEach(connection(), { by: 'tag' }) as [GroupId, GroupId];
    expect(readGroup(connection(), night)).toMatchObject({ name: 'night', definition: 'tag night' });
    expect(membersOf(night)).toEqual(trainImages({ tags: [1] }));
    expect(membersOf(blurred)).toEqual(trainImages({ tags: [2] }));
    expect(membersOf(blurred)).toEqual(expect.arrayContaining(membersOf(night)));
    const both = defineGroup(connection(), 'dark', {
      kind: 'filter',
      filter: SampleFilter.parse({ tags: [1, 2], columns: [] }),
    });
    expect(readGroup(connection(), both).definition).toBe('tag night or blurred');
  });

  it('are told apart by the values that the column has', () => {
    const paths = connection().prepare('SELECT path FROM samples ORDER BY id').pluck().all() as string[];
    saveColumnCells(
      connection(),
      1,
      paths.map((path, index) => ({
        path,
        cells: new Map(index % 3 === 2 ? [] : [['artist', ['Monet', 'Manet'][index % 3]!]]),
      })),
    );
    const ids = defineEach(connection(), { by: 'column', column: 'artist' });
    expect(ids.map((id) => readGroup(connection(), id).definition)).toEqual([
      'artist = Manet',
      'artist = Monet',
    ]);
    expect(membersOf(ids[1]!)).toEqual(trainImages({ columns: [{ columnId: 1, values: ['Monet'] }] }));
  });

  it('are refused without a tag, and for a column that is not there', () => {
    const code = (expected: string) => expect.objectContaining({ code: expected }) as unknown;
    expect(() => defineEach(connection(), { by: 'tag' })).toThrow(code('groups-missing'));
    expect(() => defineEach(connection(), { by: 'column', column: 'artist' })).toThrow(
      code('column-not-found'),
    );
  });
});

describe('groups of each class', () => {
  it('hold its images of the train split, under its name', () => {
    const ids = defineEach(connection(), { by: 'class', folderDepth: null });
    expect(ids.map((id) => readGroup(connection(), id).name)).toEqual(['coat', 'dress', 'shirt']);
    for (const [index, id] of ids.entries())
      expect(membersOf(id)).toEqual(trainImages({ labels: [fixture.classIds[index]] }));
    expect(ids.reduce((sum, id) => sum + membersOf(id).length, 0)).toBe(trainImages().length);
  });

  it('stay what they were when labels move, also where they are defined again', () => {
    const [coat] = defineEach(connection(), { by: 'class', folderDepth: null });
    const before = membersOf(coat!);
    connection().prepare('UPDATE samples SET label = ?').run(fixture.classIds[1]);
    expect(membersOf(coat!)).toEqual(before);
    defineEach(connection(), { by: 'class', folderDepth: null });
    expect(membersOf(coat!)).toEqual(before);
    expect(listGroups(connection())).toHaveLength(3);
  });

  it('cannot be made of images without labels', () => {
    connection().prepare('UPDATE samples SET label = NULL').run();
    expect(() => defineEach(connection(), { by: 'class', folderDepth: null })).toThrow(
      expect.objectContaining({ code: 'groups-missing' }),
    );
  });
});

describe('groups of each folder', () => {
  it('are told apart by so many levels', () => {
    const one = defineEach(connection(), { by: 'folder', folderDepth: 1 });
    expect(one.map((id) => readGroup(connection(), id).name)).toEqual(['train']);
    const two = defineEach(connection(), { by: 'folder', folderDepth: 2 });
    expect(two.map((id) => readGroup(connection(), id).name).sort()).toEqual(['coat', 'dress', 'shirt']);
    expect(two.map((id) => readGroup(connection(), id).definition).sort()).toEqual(
      ['coat', 'dress', 'shirt'].map((name) => `folder train/${name}`),
    );
    // No folder is deeper: the third level is that of the files.
    expect(defineEach(connection(), { by: 'folder', folderDepth: 3 })).toEqual(two);
    const inFolders = two.flatMap(membersOf).sort((a, b) => a - b);
    expect(inFolders).toEqual(listTrainPaths(connection()).map(({ id }) => id));
  });

  it('are told apart by the first level that tells any apart, where none is named', () => {
    const rule = { by: 'folder', folderDepth: null } as const;
    const names = (): (string | undefined)[] =>
      previewEach(connection(), rule)
        .groups.map(({ name }) => name)
        .sort();
    expect(previewEach(connection(), rule).folderDepth).toBe(2);
    expect(names()).toEqual(['coat', 'dress', 'shirt']);
    expect(defineEach(connection(), rule)).toHaveLength(3);
    connection().prepare("UPDATE samples SET path = id || '/' || path").run();
    expect(previewEach(connection(), rule).folderDepth).toBe(1);
    connection().prepare("UPDATE samples SET path = 'all/' || id || '.png'").run();
    expect(previewEach(connection(), rule)).toMatchObject({ folderDepth: 1, groups: [{ name: 'all' }] });
  });

  it('need folders', () => {
    connection().prepare("UPDATE samples SET path = id || '.png'").run();
    expect(() => defineEach(connection(), { by: 'folder', folderDepth: 1 })).toThrow(
      expect.objectContaining({ code: 'groups-missing' }),
    );
  });
});

describe('images whose files are missing', () => {
  it('are members of groups of either kind, and are counted apart', () => {
    const [lost] = trainImages();
    connection().prepare('UPDATE samples SET missing = 1 WHERE id = ?').run(lost);
    for (const by of ['class', 'folder'] as const) {
      const preview = previewEach(connection(), { by, folderDepth: null });
      const groups = defineEach(connection(), { by, folderDepth: null }).map((id) =>
        readGroup(connection(), id),
      );
      expect(groups).toMatchObject(preview.groups);
      expect(groups.reduce((sum, { missingCount }) => sum + missingCount, 0)).toBe(1);
      expect(groups.reduce((sum, { memberCount }) => sum + memberCount, 0)).toBe(trainImages().length);
    }
  });
});

describe('a group of a filter', () => {
  it('holds the images of the train split that match, and says what was asked', () => {
    const [coat] = fixture.classIds as [ClassId];
    const filter = SampleFilter.parse({ text: 'coat', labels: [coat], splits: ['test', 'train'] });
    const id = defineGroup(connection(), 'coats', { kind: 'filter', filter });
    expect(membersOf(id)).toEqual(trainImages({ text: 'coat', labels: [coat] }));
    expect(readGroup(connection(), id)).toMatchObject({
      ...{ name: 'coats', kind: 'filter', definition: '“coat”, label coat' },
      memberCount: membersOf(id).length,
    });
  });

  it('that no image of the train split matches is refused', () => {
    for (const asked of [{ text: 'nothing of the kind' }, { splits: ['test'] }]) {
      const filter = SampleFilter.parse(asked);
      expect(() => defineGroup(connection(), 'none', { kind: 'filter', filter })).toThrow(
        expect.objectContaining({ code: 'groups-missing' }),
      );
    }
  });
});

describe('a group of a selection', () => {
  const select = (name: string, sampleIds: number[]): GroupId =>
    defineGroup(connection(), name, { kind: 'selection', images: setOfSamples(sampleIds) });

  it('holds the selected images of the train split, each once', () => {
    const train = trainImages().slice(0, 4);
    const other = fixture.sampleIds.find((id) => !trainImages().includes(id))!;
    const id = select('mine', [...train.toReversed(), other, train[0]!]);
    expect(membersOf(id)).toEqual(train);
    expect(readGroup(connection(), id).definition).toMatch(/^4 images chosen as mine/);
  });

  it('is another where other images are selected under the same name, and the same for the same images', () => {
    const train = trainImages();
    const first = select('mine', train.slice(0, 3));
    const second = select('mine', train.slice(3, 6));
    expect(second).not.toBe(first);
    expect(membersOf(second)).toEqual(train.slice(3, 6));
    expect(select('mine', train.slice(0, 3).toReversed())).toBe(first);
  });
});
