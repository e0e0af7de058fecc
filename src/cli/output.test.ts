import { describe, expect, it } from 'vitest';
import type { RunProgress } from '../contract/runs-service.ts';
import { RunId } from '../contract/vocabulary.ts';
import { createOutput, formatSeconds, formatTable } from './output.ts';

const progressAt = (fraction: number): RunProgress => ({
  runId: RunId.parse(1),
  stage: 'Epoch 1 of 2',
  fraction,
  secondsLeft: 75,
  figures: { loss: 0.12345, images: 1200 },
});

describe('what a command prints', () => {
  it('keeps standard output to the answer, and progress to one line in five seconds', () => {
    const [out, err]: [string[], string[]] = [[], []];
    let now = 0;
    const output = createOutput(
      { out: { write: (text) => out.push(text) }, err: { write: (text) => err.push(text) } },
      true,
      () => now,
    );
    for (; now <= 12_000; now += 1000) output.progress(progressAt(now / 12_000));
    output.answer({ run: 1 }, 'unread');
    expect(err.length).toBe(3);
    expect(err[0]).toBe('Epoch 1 of 2 0 %, 75 s left  loss 0.123  images 1,200\n');
    expect(JSON.parse(out.join(''))).toEqual({ run: 1 });
  });

  it('lines up columns under their heads', () => {
    expect(
      formatTable([
        ['a', 'figure'],
        ['long name', '1'],
      ]),
    ).toBe('a          figure\n─────────  ──────\nlong name  1');
  });

  it('writes durations as a person says them', () => {
    expect([0.26, 42.4, 258].map(formatSeconds)).toEqual(['0.3 s', '42 s', '4 min 18 s']);
  });
});
