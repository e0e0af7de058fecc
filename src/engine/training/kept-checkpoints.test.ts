import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  chooseCheckpoints,
  keepCheckpoint,
  keptEpochs,
  listCheckpoints,
  readCheckpointList,
  type CheckpointPlan,
} from './kept-checkpoints.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'whence-checkpoints-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const plan = (overrides: Partial<CheckpointPlan> = {}): CheckpointPlan => ({
  path,
  count: 4,
  settings: { learningRate: 0.5, schedule: 'constant', epochs: 20, batchSize: 10 },
  imageCount: 40,
  epochs: 20,
  ...overrides,
});

function train(given: CheckpointPlan, epochCount: number): void {
  for (let epoch = 0; epoch < epochCount; epoch++) keepCheckpoint(given, epoch, Float32Array.of(epoch, 1));
  listCheckpoints(given, Float32Array.of(epochCount - 1, 1), epochCount);
}

describe('checkpoints of a training', () => {
  it('are evenly spaced, end with the trained model, and stand for the learning since the one before', () => {
    train(plan(), 20);
    const kept = readCheckpointList(path)!;
    expect(kept.map(({ epochs, file }) => [epochs, file])).toEqual([
      [5, 'epoch-5.f32'],
      [10, 'epoch-10.f32'],
      [15, 'epoch-15.f32'],
      [20, null],
    ]);
    // Four steps in each of five epochs, less in the warm-up of the first one: 1/4 + 2/4 + 3/4 + 1 in place of 4.
    expect(kept.map(({ learning }) => learning)).toEqual([0.5 * 18.5, 10, 10, 10]);
  });

  it('end where the training ended early', () => {
    train(plan(), 12);
    listCheckpoints(plan(), Float32Array.of(8, 1), 9);
    expect(readCheckpointList(path)!.map(({ epochs }) => epochs)).toEqual([5, 9]);
    expect(readdirSync(path).sort()).toEqual(['checkpoints.json', 'epoch-5.f32']);
  });

  it('are none where none are wanted, and fewer of a large model or a short training', () => {
    train(plan({ count: 0 }), 3);
    expect(readCheckpointList(path)).toBeNull();
    expect(keptEpochs({ count: 5, epochs: 2 }, 10)).toEqual([1]);
    expect(keptEpochs({ count: 5, epochs: 100 }, 60e6)).toEqual([33, 67]);
    expect(keptEpochs({ count: 5, epochs: 100 }, 1e9)).toEqual([]);
  });

  it('are thinned out so that all learning is still counted', () => {
    train(plan(), 20);
    const kept = readCheckpointList(path)!;
    const two = chooseCheckpoints(kept, 2);
    expect(two.map(({ epochs, learning }) => [epochs, learning])).toEqual([
      [10, 0.5 * 18.5 + 10],
      [20, 20],
    ]);
    expect(chooseCheckpoints(kept, 9)).toEqual(kept);
  });
});
