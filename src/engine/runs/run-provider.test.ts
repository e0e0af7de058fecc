import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../testing/project-fixture.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import type { ProviderChoice } from '../../contract/engine-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { readRun } from '../storage/runs.ts';
import { runExecutor } from './run-provider.ts';

let fixture: ProjectFixture;
let runId: RunId;
let announced: number;
beforeEach(() => {
  fixture = makeProjectFixture();
  runId = insertModel(fixture).runId;
  announced = 0;
});
afterEach(() => fixture.remove());

const network = buildClassifier({
  architecture: 'linear',
  channels: 1,
  imageSize: 4,
  classCount: 2,
  dropout: 0,
});

/** Settles a run on a machine whose self-tests all end badly; answers what was tested. */
async function settle(choice: ProviderChoice): Promise<number> {
  let tests = 0;
  const executor = runExecutor(
    fixture.folder,
    choice,
    { runId, signal: new AbortController().signal, progress: () => undefined },
    {
      limits: { threads: 1, memoryBytes: 2 ** 30 },
      announce: () => announced++,
      startSelfTest: () => {
        tests++;
        return Promise.resolve('It crashed (SIGABRT).');
      },
    },
  );
  await executor.settle({ network, parameters: network.initialParameters(0) });
  return tests;
}

/** One that this system's ONNX Runtime does not have. */
const absent = process.platform === 'win32' ? 'coreml' : 'dml';

describe('the provider of a run', () => {
  it('is kept in its row, with the message where it is not the one asked for', async () => {
    await settle(absent);
    const run = readRun(fixture.folder.connection, runId);
    expect(run.provider).toBe('cpu');
    expect(run.notes).toHaveLength(1);
    expect(run.notes[0]).toMatch(/cannot be used here: .* The CPU is used instead\./);
    expect(announced).toBe(1);
  });

  it('is the one that the run began on, when it is resumed', async () => {
    await settle('cpu');
    await settle(absent);
    const run = readRun(fixture.folder.connection, runId);
    expect(run.provider).toBe('cpu');
    expect(run.notes).toEqual([]);
  });
});
