import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapeFolder } from '../../../testing/write-shape-folder.ts';
import { RunRequest, type RunPlan } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { RunQueue } from '../runs/run-queue.ts';
import { createProjectFolder, openProjectFolder, type ProjectFolder } from '../storage/project-folder.ts';
import { findModelOfRun, readEpochs, readModel } from '../storage/models.ts';
import { readRun } from '../storage/runs.ts';

let home: string;
let path: string;
let folder: ProjectFolder;

const training: RunPlan = RunRequest.parse({
  kind: 'train',
  config: { architecture: 'mlp', epochs: 6, batchSize: 8, folds: 2, augmentation: ['crop'], dropout: 0.1 },
});

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'whence-train-run-'));
  path = join(home, 'shapes.whence');
  const sourcePath = join(home, 'shapes');
  await writeShapeFolder(sourcePath, { count: 60, classCount: 3, size: 16, seed: 4, flippedShare: 0 });
  createProjectFolder(path).close();
  const queue = new RunQueue(path);
  queue.start(RunRequest.parse({ kind: 'import', config: { sourcePath } }));
  await queue.idle();
  await queue.dispose();
  folder = openProjectFolder(path);
});

afterAll(() => {
  folder.close();
  rmSync(home, { recursive: true, force: true });
});

function parametersOf(runId: RunId): Buffer {
  const { artifact } = readModel(folder.connection, findModelOfRun(folder.connection, runId));
  return readFileSync(join(path, artifact, 'parameters.f32'));
}

const probabilitiesOf = (runId: RunId): unknown[] =>
  folder.connection
    .prepare('SELECT sampleId, fold, probabilities FROM predictions WHERE modelId = ? ORDER BY sampleId')
    .all(findModelOfRun(folder.connection, runId));

/** Starts the training, closes the queue as soon as the stage begins with this text, and goes on in a new queue. */
async function trainWithStopAt(stage: string): Promise<RunId> {
  const first = new RunQueue(path);
  const reached = new Promise<void>((settle) =>
    first.onProgress((progress) => {
      if (progress.stage.startsWith(stage)) settle();
    }),
  );
  const runId = first.start(training);
  await Promise.race([reached, first.idle()]);
  await first.dispose();
  const second = new RunQueue(path);
  if (readRun(folder.connection, runId).status === 'interrupted') second.resume(runId);
  await second.idle();
  await second.dispose();
  return runId;
}

describe('a training run', () => {
  it('that was interrupted and resumed ends in the same bits as one that was not', async () => {
    const queue = new RunQueue(path);
    const whole = queue.start(training);
    await queue.idle();
    await queue.dispose();
    const resumed = await trainWithStopAt('Epoch');
    expect(readRun(folder.connection, resumed).status).toBe('finished');
    expect(parametersOf(resumed)).toEqual(parametersOf(whole));
    expect(probabilitiesOf(resumed)).toEqual(probabilitiesOf(whole));
    expect(readEpochs(folder.connection, resumed, 1)).toEqual(readEpochs(folder.connection, whole, 1));
    expect(existsSync(join(path, 'models', `run-${resumed}.partial`))).toBe(false);
  });

  it('refuses to go on where a label has changed since', async () => {
    const queue = new RunQueue(path);
    queue.onProgress(() => queue.cancel(runId));
    const runId = queue.start(training);
    await queue.idle();
    const { status } = readRun(folder.connection, runId);
    expect(status).toBe('cancelled');
    const [other] = folder.connection.prepare('SELECT id FROM classes ORDER BY id DESC').pluck().all();
    folder.connection.prepare('UPDATE samples SET label = ? WHERE id = 1').run(other);
    queue.resume(runId);
    await queue.idle();
    await queue.dispose();
    expect(readRun(folder.connection, runId)).toMatchObject({
      status: 'failed',
      error: { code: 'run-arguments-differ' },
    });
  });
});
