import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCaseFile } from '../../../testing/case-file.ts';
import { makeCodeNames, nameReplacer, type CodeName } from './code-names.ts';
import { commandOf } from './run-command.ts';

const codes: CodeName[] = [
  { code: 'G1', kind: 'group', names: ['Blue Hour', 'The Blue Period'] },
  { code: 'R1', kind: 'rights-holder', names: ['Søren Ægir'] },
  { code: 'R2', kind: 'rights-holder', names: ['Al'] },
];

describe('code names', () => {
  const replace = nameReplacer(codes);

  it.each([
    ['by Søren Ægir, 1901', 'by R1, 1901'],
    ['by SØREN_ÆGIR', 'by R1'],
    ['artists/søren-ægir/1.png', 'artists/R1/1.png'],
    ['Ægir’s hand', 'R1’s hand'],
    ['so\u0308ren is another name', 'sören is another name'],
    ['the blue%20hour', 'the G1'],
    ['his blue coat', 'his G1 coat'],
    ['bluebell and personal stay', 'bluebell and personal stay'],
    ['two Ægirs, both blues', 'two R1, both G1'],
    ['bluest, as Als is no plural', 'bluest, as Als is no plural'],
    ['Al said', 'R2 said'],
  ])('%s → %s', (text, expected) => expect(replace(text)).toBe(expected));

  it('leave no name, however its words are joined and whatever stands around it', () => {
    const joined = fc.tuple(
      fc.constantFrom('Søren', 'søren', 'SØREN'),
      fc.constantFrom(' ', '_', '-', '.', '/', '', '  '),
      fc.constantFrom('Ægir', 'ægir'),
    );
    const around = fc.constantFrom('', ' ', ', ', '"', '/', '(', '\n', '…');
    fc.assert(
      fc.property(around, joined, around, (before, [first, between, second], after) => {
        const left = replace(`${before}${first}${between}${second}${after}`).toLowerCase();
        expect(left).not.toMatch(/søren|ægir/);
      }),
    );
  });

  it('do not change as a case goes on: a group has its number, a rights-holder the place where he was first named', () => {
    const caseFile = makeCaseFile();
    const named = (groupId: number, rightsHolder: string) => ({
      payload: { action: 'set-rights', groups: [{ groupId, name: `group of ${groupId}`, rightsHolder }] },
    });
    const before = makeCodeNames({ ...caseFile, groups: [], shares: [] }, [named(7, 'Zoe'), named(2, 'Yan')]);
    const after = makeCodeNames({ ...caseFile, groups: [], shares: [] }, [
      named(7, 'Zoe'),
      named(2, 'Yan'),
      named(7, 'Abe'),
    ]);
    expect(before.map(({ code, names }) => `${code} ${names.join()}`)).toEqual([
      'G7 group of 7',
      'G2 group of 2',
      'R1 Zoe',
      'R2 Yan',
    ]);
    expect(after.slice(0, 4)).toEqual(before);
    expect(after[4]).toMatchObject({ code: 'R3', names: ['Abe'] });
  });
});

describe('the command that does a run again', () => {
  it('has every parameter that says something, quoted where a shell needs it', () => {
    const config = {
      queries: [1, 2],
      seed: 0,
      classId: null,
      conditional: true,
      keepModels: false,
      prompt: "a heron's eye",
      scoresPath: '/x',
    };
    expect(commandOf({ kind: 'sample-images', config }, { project: 'a.whence', caseId: 3 })).toBe(
      String.raw`whence sample --project a.whence --queries 1,2 --seed 0 --conditional --prompt 'a heron'\''s eye'`,
    );
    expect(
      commandOf({ kind: 'evaluate-denoiser', config: {} }, { project: 'a.whence', caseId: 3 }),
    ).toBeNull();
  });
});
