import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import type { ClassId, ModelId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { lastEventId } from './event-log.ts';
import { decide, undo } from './events.ts';
import {
  pageIssues,
  readEvidence,
  readNoise,
  saveEvidence,
  saveIssueRun,
  saveNoise,
  summarizeIssues,
  type FoundIssue,
} from './issues.ts';
import { summarizeProject } from './project.ts';

let fixture: ProjectFixture;
let run: { runId: RunId; modelId: ModelId };
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 20 });
  run = insertModel(fixture);
});
afterEach(() => {
  fixture.remove();
});

function found(index: number): FoundIssue {
  const sampleId = fixture.sampleIds[index]!;
  const givenLabel = fixture.folder.connection
    .prepare('SELECT givenLabel FROM samples WHERE id = ?')
    .pluck()
    .get(sampleId) as ClassId;
  return {
    sampleId,
    score: 1 - index / 20,
    givenLabel,
    suggestedLabel: fixture.classIds.find((id) => id !== givenLabel)!,
    signals: { 'confident learning': 0.9 },
    flagged: index < 2,
  };
}

function saveRun(indexes: readonly number[], ids = run): void {
  const { connection } = fixture.folder;
  saveIssueRun(
    connection,
    {
      ...ids,
      method: 'combined',
      estimatedNoise: 0.1,
      seenEventId: lastEventId(connection),
      evidenceMethod: 'trak',
    },
    indexes.map(found),
  );
}

function decideOn(index: number, action: 'keep' | 'accept' | 'skip'): void {
  decide(fixture.folder.connection, { sampleIds: [fixture.sampleIds[index]!], action }, 'Ada');
}

const all = { from: 0, count: 50, state: 'all' } as const;

describe('the noise matrix', () => {
  it('is that of the newest run, without empty cells; saved again, the old one is gone', () => {
    const { connection } = fixture.folder;
    const [given, truth] = [fixture.classIds[0]!, fixture.classIds[1]!];
    expect(readNoise(connection)).toBeNull();
    saveRun([0]);
    expect(readNoise(connection)).toBeNull();
    const cells = [
      { given, truth: given, count: 8 },
      { given, truth, count: 2 },
      { given: truth, truth: given, count: 0 },
    ];
    saveNoise(connection, run.runId, { cells });
    expect(readNoise(connection)).toEqual({ cells: cells.slice(0, 2) });
    saveRun([0]);
    expect(readNoise(connection)).toBeNull();
  });
});

describe('label issues', () => {
  it('are none before a run', () => {
    const { connection } = fixture.folder;
    expect(pageIssues(connection, all)).toEqual({ total: 0, issues: [] });
    expect(summarizeIssues(connection)).toMatchObject({ runId: null, total: 0, stale: false });
  });

  it('come back by rank as they were found, a page at a time', () => {
    saveRun([0, 1, 2, 3]);
    const { total, issues } = pageIssues(fixture.folder.connection, { from: 1, count: 2, state: 'all' });
    expect(total).toBe(4);
    expect(issues).toEqual([
      { ...found(1), kind: 'label', rank: 2, state: 'open' },
      { ...found(2), kind: 'label', rank: 3, state: 'open' },
    ]);
  });

  it('are answered by decisions made after the run, and open again when those are undone', () => {
    const { connection } = fixture.folder;
    decideOn(0, 'keep');
    saveRun([0, 1, 2]);
    expect(pageIssues(connection, all).issues.map((issue) => issue.state)).toEqual(['open', 'open', 'open']);
    decideOn(1, 'accept');
    decideOn(2, 'skip');
    expect(pageIssues(connection, all).issues.map((issue) => issue.state)).toEqual([
      'open',
      'accept',
      'skip',
    ]);
    expect(pageIssues(connection, { ...all, state: 'open' })).toMatchObject({ total: 1 });
    expect(summarizeIssues(connection)).toMatchObject({
      total: 3,
      flagged: 2,
      decided: 2,
      estimatedNoise: 0.1,
    });
    expect(summarizeProject(fixture.folder)).toMatchObject({
      issueCount: 3,
      openIssueCount: 1,
      decidedCount: 3,
    });
    undo(connection, 'Ada');
    undo(connection, 'Ada');
    expect(summarizeIssues(connection)).toMatchObject({ decided: 0, stale: false });
  });

  it('are stale once a label is another than the model was trained with', () => {
    const { connection } = fixture.folder;
    saveRun([0, 1]);
    connection
      .prepare(
        `INSERT INTO predictions (modelId, sampleId, outOfSample, fold, labelSeen, probabilities)
         SELECT ?, id, 1, 0, label, x'00000000' FROM samples`,
      )
      .run(run.modelId);
    decideOn(0, 'keep');
    decideOn(5, 'keep');
    expect(summarizeIssues(connection).stale).toBe(false);
    const [other] = fixture.classIds.filter((id) => id !== found(5).givenLabel) as [ClassId];
    decide(connection, { sampleIds: [fixture.sampleIds[5]!], action: 'other', label: other }, 'Ada');
    expect(summarizeIssues(connection).stale).toBe(true);
    undo(connection, 'Ada');
    expect(summarizeIssues(connection).stale).toBe(false);
    decideOn(1, 'accept');
    expect(summarizeIssues(connection).stale).toBe(true);
  });

  it('are those of the newest run, and a run saved again replaces what it had saved', () => {
    const { connection } = fixture.folder;
    saveRun([0, 1, 2]);
    saveRun([3]);
    expect(pageIssues(connection, all).issues.map((issue) => issue.sampleId)).toEqual([fixture.sampleIds[3]]);
    saveRun([4, 5], insertModel(fixture));
    expect(pageIssues(connection, all).total).toBe(2);
  });

  it('name the images that pull towards either label, strongest first', () => {
    const { connection } = fixture.folder;
    const targetId = fixture.sampleIds[0]!;
    const entries = [5, 4].map((index) => ({ sampleId: fixture.sampleIds[index]!, score: index / 10 }));
    saveRun([0]);
    saveEvidence(connection, run.runId, [
      { targetId, towards: 'given', entries },
      { targetId, towards: 'suggested', entries: entries.slice(1) },
    ]);
    expect(readEvidence(connection, targetId)).toEqual({
      sampleId: targetId,
      method: 'trak',
      towardsGiven: { label: found(0).givenLabel, entries },
      towardsSuggested: { label: found(0).suggestedLabel, entries: entries.slice(1) },
    });
    expect(() => readEvidence(connection, 9 as SampleId)).toThrow(
      expect.objectContaining({ code: 'issue-not-found' }),
    );
  });
});
