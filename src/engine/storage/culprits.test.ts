import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import type { QueryId, SampleId } from '../../contract/vocabulary.ts';
import { flagsOf } from './culprit-flags.ts';
import { flagCulprit } from './culprits.ts';
import { readUndoState, redo, undo } from './events.ts';
import { historyOfSample } from './history.ts';
import { eventsInOrder } from './logged-events.ts';
import { changeTag, listTags } from './tags.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 6 });
});
afterEach(() => fixture.remove());

const connection = () => fixture.folder.connection;

function flag(subject: number, score = 0.4): void {
  const source = {
    subject: { kind: 'sample' as const, id: fixture.sampleIds[subject]! },
    ...{ runId: null, score, towards: fixture.classIds[0]! },
  };
  flagCulprit(connection(), { sampleId: fixture.sampleIds[0]!, source }, 'Ada');
}
const subjects = (): unknown[] =>
  flagsOf(connection(), fixture.sampleIds[0]!).map(({ source }) => source.subject.id);

describe('a culprit', () => {
  it('is tagged, and keeps what it was flagged for', () => {
    flag(2);
    expect(listTags(connection())).toMatchObject([{ name: 'culprit', sampleCount: 1 }]);
    expect(flagsOf(connection(), fixture.sampleIds[0]!)).toMatchObject([
      { reviewer: 'Ada', source: { subject: { kind: 'sample', id: fixture.sampleIds[2]! }, score: 0.4 } },
    ]);
    expect(readUndoState(connection()).undoText).toMatch(/^Flagged image \d+: it pulls image \d+ towards /);
  });

  it('flagged again has one more reason, and each is undone by itself', () => {
    flag(2);
    flag(3, -0.2);
    expect(subjects()).toEqual([fixture.sampleIds[2]!, fixture.sampleIds[3]!]);
    expect(historyOfSample(connection(), fixture.sampleIds[0]!)).toHaveLength(2);
    undo(connection(), 'Ada');
    expect(subjects()).toEqual([fixture.sampleIds[2]!]);
    expect(listTags(connection())).toMatchObject([{ sampleCount: 1 }]);
    undo(connection(), 'Ada');
    expect(subjects()).toEqual([]);
    expect(listTags(connection())).toMatchObject([{ sampleCount: 0 }]);
    redo(connection(), 'Ada');
    expect(subjects()).toEqual([fixture.sampleIds[2]!]);
  });

  it('whose tag was taken is none any more; the log keeps what it was flagged for', () => {
    flag(2);
    const { id: tagId } = listTags(connection())[0]!;
    changeTag(connection(), { sampleIds: [fixture.sampleIds[0]!], tagId, added: false }, 'Ada');
    expect(subjects()).toEqual([]);
    expect([...eventsInOrder(connection())][0]).toMatchObject({ flagged: [{ source: { score: 0.4 } }] });
  });

  it('may be one of a query image; an image that is not there is none', () => {
    const source = {
      subject: { kind: 'query' as const, id: 3 as QueryId },
      ...{ runId: null, score: -1, towards: null },
    };
    flagCulprit(connection(), { sampleId: fixture.sampleIds[0]!, source }, 'Ada');
    expect(readUndoState(connection()).undoText).toMatch(/it pulls the model away from query image 3$/);
    expect(() => flagCulprit(connection(), { sampleId: 999 as SampleId, source }, 'Ada')).toThrow(
      expect.objectContaining({ code: 'sample-not-found' }) as Error,
    );
  });
});
