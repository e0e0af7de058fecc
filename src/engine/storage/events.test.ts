import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SampleFilter } from '../../contract/samples-service.ts';
import type { ClassId, DecisionAction, SampleId, TagId } from '../../contract/vocabulary.ts';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { transact } from './connection.ts';
import { lastEventId } from './event-log.ts';
import { addClass, decide, readUndoState, redo, undo } from './events.ts';
import { historyOfSample, pageHistory } from './history.ts';
import { saveIssueRun } from './issues.ts';
import { openProjectFolder } from './project-folder.ts';
import {
  rebuildProjection,
  replayEvents,
  replayTags,
  standingEvents,
  type SampleState,
} from './replay-events.ts';
import { removeTag, renameTag } from './tag-names.ts';
import { listViews, saveView } from './views.ts';
import { changeTag, ensureTag, listTags } from './tags.ts';

let fixture: ProjectFixture;
beforeEach(() => {
  fixture = makeProjectFixture({ sampleCount: 12, unlabelledShare: 0.2 });
});
afterEach(() => {
  fixture.remove();
});

function stored(): Map<SampleId, SampleState> {
  const rows = fixture.folder.connection
    .prepare('SELECT id, label, decision, decisionEventId FROM samples ORDER BY id')
    .all() as ({ id: SampleId } & SampleState)[];
  return new Map(rows.map(({ id, ...state }) => [id, state]));
}

function logRows(): unknown[] {
  return [
    ...fixture.folder.connection.prepare('SELECT * FROM events ORDER BY id').all(),
    ...fixture.folder.connection.prepare('SELECT * FROM eventSamples ORDER BY eventId, sampleId').all(),
  ];
}

function storedTags(): string[] {
  const rows = fixture.folder.connection.prepare('SELECT tagId, sampleId FROM sampleTags').raw().all();
  return rows.map(String).sort();
}

function replayedTags(): string[] {
  const tagged = [...replayTags(fixture.folder.connection)];
  return tagged.flatMap(([tagId, images]) => Array.from(images, (id) => `${tagId},${id}`)).sort();
}

function labelOf(id: SampleId): ClassId | null {
  return stored().get(id)!.label;
}

function decideOn(count: number, action: DecisionAction, label: ClassId | null = null): void {
  decide(fixture.folder.connection, { sampleIds: fixture.sampleIds.slice(0, count), action, label }, 'Ada');
}

/** A class that the first image does not have. */
function anotherClass(): ClassId {
  return fixture.classIds.find((id) => id !== labelOf(fixture.sampleIds[0]!))!;
}

describe('a decision', () => {
  it('other changes the label and leaves the given one', () => {
    const chosen = anotherClass();
    decideOn(1, 'other', chosen);
    const row = fixture.folder.connection
      .prepare('SELECT label, givenLabel, decision FROM samples WHERE id = ?')
      .get(fixture.sampleIds[0]) as { label: number; givenLabel: number; decision: string };
    expect(row.label).toBe(chosen);
    expect(row.givenLabel).not.toBe(chosen);
    expect(row.decision).toBe('other');
  });

  it('keep brings the label back that was imported, even after a change', () => {
    const given = labelOf(fixture.sampleIds[0]!);
    decideOn(1, 'other', anotherClass());
    decideOn(1, 'keep');
    expect(stored().get(fixture.sampleIds[0]!)).toMatchObject({ label: given, decision: 'keep' });
  });

  it('skip leaves the label alone, changed or not', () => {
    const chosen = anotherClass();
    decideOn(1, 'other', chosen);
    decideOn(1, 'skip');
    expect(stored().get(fixture.sampleIds[0]!)).toMatchObject({ label: chosen, decision: 'skip' });
  });

  it('accept without a label takes the suggestion of each image', () => {
    const { modelId, runId } = insertModel(fixture);
    const [first, second] = fixture.sampleIds as [SampleId, SampleId];
    const [coat, dress, shirt] = fixture.classIds as [ClassId, ClassId, ClassId];
    const found = { score: 1, givenLabel: shirt, signals: {}, flagged: true };
    saveIssueRun(
      fixture.folder.connection,
      { runId, modelId, method: 'combined', estimatedNoise: null, seenEventId: 0, evidenceMethod: null },
      [
        { ...found, sampleId: first, suggestedLabel: coat },
        { ...found, sampleId: second, suggestedLabel: dress },
      ],
    );
    decideOn(2, 'accept');
    expect([labelOf(first), labelOf(second)]).toEqual([coat, dress]);
    decide(fixture.folder.connection, { sampleIds: [second], action: 'accept' }, 'Ada');
    expect(readUndoState(fixture.folder.connection).undoText).toBe(`Accepted dress for image ${second}`);
  });

  it.each(['accept', 'other'] as const)(
    '%s without any label to take is refused and leaves nothing',
    (action) => {
      expect(() => decideOn(3, action)).toThrow(expect.objectContaining({ code: 'label-needed' }));
      expect(logRows()).toEqual([]);
      expect(stored()).toEqual(replayEvents(fixture.folder.connection));
    },
  );

  it('about an unknown image or class is refused and leaves nothing', () => {
    const { connection } = fixture.folder;
    const sampleIds = [fixture.sampleIds[0]!, 999 as SampleId];
    expect(() => decide(connection, { sampleIds, action: 'skip' }, 'Ada')).toThrow(
      expect.objectContaining({ code: 'sample-not-found', details: { sampleId: 999 } }),
    );
    expect(() => decideOn(1, 'other', 999 as ClassId)).toThrow(
      expect.objectContaining({ code: 'class-not-found' }),
    );
    expect(logRows()).toEqual([]);
  });

  it('about the same image twice is recorded once', () => {
    const [id] = fixture.sampleIds as [SampleId];
    decide(fixture.folder.connection, { sampleIds: [id, id], action: 'skip' }, 'Ada');
    expect(pageHistory(fixture.folder.connection, { from: 0, count: 9 }).entries[0]).toMatchObject({
      sampleIds: [id],
      text: `Skipped image ${id}`,
    });
  });

  it('cut in the middle leaves neither event nor label', () => {
    const { connection } = fixture.folder;
    const before = stored();
    expect(() =>
      transact(connection, () => {
        decideOn(5, 'other', anotherClass());
        throw new Error('the process dies here');
      }),
    ).toThrow('dies here');
    connection.exec(`CREATE TEMP TRIGGER fail BEFORE UPDATE ON samples WHEN old.id = ${fixture.sampleIds[3]!}
      BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    expect(() => decideOn(5, 'other', anotherClass())).toThrow('disk full');
    expect(stored()).toEqual(before);
    expect(logRows()).toEqual([]);
  });
});

describe('the log', () => {
  it('cannot be changed or shortened', () => {
    decideOn(1, 'skip');
    const { connection } = fixture.folder;
    expect(() => connection.exec("UPDATE events SET text = 'nothing happened'")).toThrow('append-only');
    expect(() => connection.exec('DELETE FROM eventSamples; DELETE FROM events')).toThrow('append-only');
    expect(() => connection.exec('UPDATE eventSamples SET labelBefore = NULL')).toThrow('append-only');
  });

  it('reads as sentences, newest first, and knows what was undone', () => {
    const { connection } = fixture.folder;
    const [id] = fixture.sampleIds as [SampleId];
    decideOn(1, 'accept', fixture.classIds[2]);
    decideOn(3, 'other', fixture.classIds[0]);
    decideOn(2, 'keep');
    undo(connection, 'Grace');
    addClass(connection, ' parka ', 'Grace');
    const { total, entries } = pageHistory(connection, { from: 0, count: 10 });
    expect(entries.map((entry) => entry.text)).toEqual([
      'Added the class parka',
      'Undid: Kept the labels for 2 images',
      'Kept the labels for 2 images',
      'Changed 3 images to coat',
      `Accepted shirt for image ${id}`,
    ]);
    expect(entries.map((entry) => entry.undone)).toEqual([false, false, true, false, false]);
    expect(entries.map((entry) => entry.sampleCount)).toEqual([0, 2, 2, 3, 1]);
    expect(total).toBe(5);
    expect(pageHistory(connection, { from: 4, count: 10 }).entries).toEqual(entries.slice(4));
    expect(historyOfSample(connection, id).map((entry) => entry.reviewer)).toEqual([
      'Ada',
      'Ada',
      'Ada',
      'Grace',
    ]);
  });

  it('adds a class once, whatever is asked later', () => {
    const { connection } = fixture.folder;
    expect(addClass(connection, 'parka', 'Ada')).toBe(addClass(connection, 'parka', 'Ada'));
    expect(lastEventId(connection)).toBe(1);
    expect(() => addClass(connection, '  ', 'Ada')).toThrow(
      expect.objectContaining({ code: 'class-name-empty' }),
    );
  });
});

describe('undo', () => {
  it('says when there is nothing to take back or to restore', () => {
    const { connection } = fixture.folder;
    expect(readUndoState(connection)).toEqual({ undoText: null, redoText: null });
    expect(() => undo(connection, 'Ada')).toThrow(expect.objectContaining({ code: 'nothing-to-undo' }));
    expect(() => redo(connection, 'Ada')).toThrow(expect.objectContaining({ code: 'nothing-to-redo' }));
  });

  it('goes on after a restart, and redo as well', () => {
    decideOn(1, 'skip');
    decideOn(2, 'skip');
    undo(fixture.folder.connection, 'Ada');
    const again = openProjectFolder(fixture.folder.path);
    expect(readUndoState(again.connection)).toEqual({
      undoText: `Skipped image ${fixture.sampleIds[0]!}`,
      redoText: 'Skipped 2 images',
    });
    expect(redo(again.connection, 'Ada').redoText).toBeNull();
    undo(again.connection, 'Ada');
    expect(undo(again.connection, 'Ada').undoText).toBeNull();
    again.close();
    expect(stored().get(fixture.sampleIds[0]!)!.decision).toBeNull();
  });

  it('takes back hundreds of decisions, down to the first, and restores them', () => {
    const { connection } = fixture.folder;
    const initial = stored();
    transact(connection, () => {
      for (let step = 0; step < 300; step++) decideOn((step % 4) + 1, step % 2 === 0 ? 'skip' : 'keep');
    });
    transact(connection, () => {
      while (readUndoState(connection).undoText !== null) undo(connection, 'Ada');
    });
    expect(stored()).toEqual(initial);
    expect(lastEventId(connection)).toBe(600);
    transact(connection, () => {
      while (readUndoState(connection).redoText !== null) redo(connection, 'Ada');
    });
    expect(stored()).toEqual(replayEvents(connection));
    expect(standingEvents(connection)).toHaveLength(300);
  });

  it('gives an image that was imported again with another label that label', () => {
    const { connection } = fixture.folder;
    const [id] = fixture.sampleIds as [SampleId];
    decideOn(1, 'skip');
    const newLabel = anotherClass();
    connection.prepare('UPDATE samples SET givenLabel = ? WHERE id = ?').run(newLabel, id);
    undo(connection, 'Ada');
    expect(labelOf(id)).toBe(newLabel);
    expect(stored()).toEqual(replayEvents(connection));
  });
});

describe('a tag', () => {
  it('is given only to images that do not have it, and taken back from those alone', () => {
    const { connection } = fixture.folder;
    const [first, second] = fixture.sampleIds as [SampleId, SampleId];
    const tagId = ensureTag(connection, ' night ');
    const change = (sampleIds: SampleId[], added: boolean) =>
      changeTag(connection, { sampleIds, tagId, added }, 'Ada');
    expect(change([first], true)).toEqual([first]);
    expect(change([second, first, second], true)).toEqual([second]);
    expect(change([first], true)).toEqual([]);
    expect(listTags(connection)).toEqual([{ id: tagId, name: 'night', sampleCount: 2 }]);
    expect(undo(connection, 'Ada').text).toBe(`Undid: Tagged image ${second} night`);
    expect(storedTags()).toEqual([`${tagId},${first}`]);
    expect(historyOfSample(connection, second).map(({ text }) => text)).toEqual([
      `Tagged image ${second} night`,
      `Undid: Tagged image ${second} night`,
    ]);
    expect(pageHistory(connection, { from: 0, count: 1 }).entries[0]!.sampleIds).toEqual([second]);
  });

  it('is refused without a name, for an unknown image, and where there is no such tag', () => {
    const { connection } = fixture.folder;
    const code = (expected: string) => expect.objectContaining({ code: expected }) as unknown;
    expect(() => ensureTag(connection, '  ')).toThrow(code('tag-name-empty'));
    const tagId = ensureTag(connection, 'night');
    const change = { sampleIds: [9999 as SampleId], tagId, added: true };
    expect(() => changeTag(connection, change, 'Ada')).toThrow(code('sample-not-found'));
    expect(() => changeTag(connection, { ...change, tagId: 7 as TagId }, 'Ada')).toThrow(
      code('tag-not-found'),
    );
  });
});

/** One step of a random session: image indexes, action and class index, or a walk through the log. */
const step = fc.oneof(
  fc.record({
    kind: fc.constant('decide' as const),
    images: fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 6 }),
    action: fc.constantFrom<DecisionAction>('keep', 'accept', 'other', 'skip'),
    label: fc.nat(2),
  }),
  fc.record({
    kind: fc.constantFrom('undo' as const, 'redo' as const),
    times: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant('tag' as const),
    images: fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 6 }),
    tag: fc.constantFrom('night', 'blurred'),
    added: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('add-class' as const) }),
);

describe('any session', () => {
  it('leaves labels that equal the replayed log, a log that only grows, and an undo that reaches the beginning', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        fixture.remove();
        fixture = makeProjectFixture({ sampleCount: 12, unlabelledShare: 0.2 });
        const { connection } = fixture.folder;
        const initial = stored();
        let log = logRows().length;
        for (const entry of steps) {
          if (entry.kind === 'decide') {
            const sampleIds = entry.images.map((index) => fixture.sampleIds[index]!);
            const label = fixture.classIds[entry.label]!;
            decide(connection, { sampleIds, action: entry.action, label }, 'Ada');
          } else if (entry.kind === 'tag') {
            const sampleIds = entry.images.map((index) => fixture.sampleIds[index]!);
            const tagId = ensureTag(connection, entry.tag);
            changeTag(connection, { sampleIds, tagId, added: entry.added }, 'Ada');
          } else if (entry.kind === 'add-class') {
            addClass(connection, `class ${log}`, 'Ada');
          } else {
            walk(entry.kind, entry.times);
          }
          expect(stored()).toEqual(replayEvents(connection));
          expect(storedTags()).toEqual(replayedTags());
          expect(logRows().length).toBeGreaterThanOrEqual(log);
          log = logRows().length;
        }
        checkRebuild();
        while (readUndoState(connection).undoText !== null) undo(connection, 'Ada');
        expect(stored()).toEqual(initial);
        expect(storedTags()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

/** Undoes or redoes up to `times` steps and checks that the opposite brings back exactly what was. */
function walk(kind: 'undo' | 'redo', times: number): void {
  const { connection } = fixture.folder;
  const can = { undo: 'undoText', redo: 'redoText' } as const;
  const move = { undo, redo };
  const opposite = { undo: redo, redo: undo };
  for (let count = 0; count < times && readUndoState(connection)[can[kind]] !== null; count++) {
    const before = { states: stored(), tags: storedTags(), ...readUndoState(connection) };
    move[kind](connection, 'Ada');
    opposite[kind](connection, 'Ada');
    expect({ states: stored(), tags: storedTags(), ...readUndoState(connection) }).toEqual(before);
    move[kind](connection, 'Ada');
  }
}

/** Spoils the stored labels and makes them again from the log. */
function checkRebuild(): void {
  const { connection } = fixture.folder;
  const before = [stored(), storedTags()];
  connection.exec(
    'UPDATE samples SET label = NULL, decision = NULL, decisionEventId = NULL WHERE id % 2 = 0; DELETE FROM sampleTags WHERE sampleId % 2 = 0',
  );
  rebuildProjection(connection);
  expect([stored(), storedTags()]).toEqual(before);
}

describe('a tag that is renamed or removed', () => {
  it('is undone and redone with its name and its images, and its name is free meanwhile', () => {
    const { connection } = fixture.folder;
    const named = (): string[] =>
      listTags(connection).map(({ name, sampleCount }) => `${name} ${sampleCount}`);
    const night = ensureTag(connection, 'night');
    changeTag(connection, { sampleIds: fixture.sampleIds.slice(0, 3), tagId: night, added: true }, 'Ada');
    const order = { by: 'import', descending: false };
    const query = 'not (tagged(night) or subset("night"))';
    saveView(connection, { name: 'by day', filter: SampleFilter.parse({ query }), order });
    const asked = (): string => listViews(connection)[0]!.filter.query;
    renameTag(connection, night, ' dusk ', 'Ada');
    expect(named()).toEqual(['dusk 3']);
    expect(asked()).toBe('not (tagged("dusk") or subset("night"))');
    expect(removeTag(connection, night, 'Ada')).toHaveLength(3);
    expect(named()).toEqual([]);
    expect(storedTags()).toEqual(replayedTags());
    expect(undo(connection, 'Ada').sampleIds).toHaveLength(3);
    expect(named()).toEqual(['dusk 3']);
    undo(connection, 'Ada');
    expect(named()).toEqual(['night 3']);
    expect(asked()).toBe('not (tagged("night") or subset("night"))');
    redo(connection, 'Ada');
    redo(connection, 'Ada');
    expect(named()).toEqual([]);
    ensureTag(connection, 'night');
    undo(connection, 'Ada');
    undo(connection, 'Ada');
    expect(named()).toEqual(['night 0', 'night (2) 3']);
    expect(() => renameTag(connection, night, 'night', 'Ada')).toThrow(
      expect.objectContaining({ code: 'tag-name-taken' }),
    );
  });
});
