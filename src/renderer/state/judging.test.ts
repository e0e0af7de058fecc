import { describe, expect, it } from 'vitest';
import { makeCaseFile } from '../../../testing/case-file.ts';
import type { CaseFile, Exhibit } from '../../contract/cases-service.ts';
import { Judging } from './judging.svelte.ts';

const [first] = makeCaseFile().exhibits;
const person = { reviewer: 'Ada', at: '2026-11-30T08:00:00.000Z' };

/** A case with so many exhibits; what is judged is noted, and refused where the test says so. */
function openBench({
  count,
  blind,
  isRefused = false,
}: {
  count: number;
  blind: boolean;
  isRefused?: boolean;
}) {
  const exhibits = Array.from({ length: count }, (_, index): Exhibit => ({
    ...first!,
    ...{ number: index + 1, judgements: [] },
  }));
  const said: string[] = [];
  const cases: { file: CaseFile | null; judge: (number: number, judgement: object) => Promise<boolean> } = {
    file: makeCaseFile({ exhibits, blind }),
    judge: (number, judgement) => {
      const given = judgement as { verdict: Exhibit['judgements'][number]['verdict']; note: string };
      said.push(`${number} ${given.verdict} ${given.note}`);
      const exhibit = exhibits[number - 1]!;
      if (!isRefused) exhibits[number - 1] = { ...exhibit, judgements: [{ ...given, ...person, blind }] };
      cases.file = makeCaseFile({ exhibits: [...exhibits], blind });
      return Promise.resolve(!isRefused);
    },
  };
  return { judging: new Judging(cases), said };
}

describe('judging exhibits', () => {
  it('begins with the first, and goes on to the next that nobody has judged', async () => {
    const { judging, said } = openBench({ count: 3, blind: false });
    judging.note = ' the collar ';
    await judging.judge('same-image');
    expect(said).toEqual(['1 same-image the collar']);
    expect(judging.current?.number).toBe(2);
    expect(judging.note).toBe('');
    judging.go(0);
    await judging.judge('unsure');
    expect(judging.current?.number).toBe(2);
  });

  it('stays where a judgement was refused, and keeps the note', async () => {
    const { judging } = openBench({ count: 2, blind: false, isRefused: true });
    judging.note = 'the collar';
    await judging.judge('same-image');
    expect([judging.current?.number, judging.note]).toEqual([1, 'the collar']);
  });

  it('hides what is known of an exhibit until it is judged', async () => {
    const { judging } = openBench({ count: 2, blind: true });
    expect(judging.isBlind).toBe(true);
    const { place } = judging;
    await judging.judge('no-resemblance');
    expect(judging.isBlind).toBe(true);
    judging.go(place);
    expect(judging.isBlind).toBe(false);
    expect(judging.judgedCount).toBe(1);
  });
});
