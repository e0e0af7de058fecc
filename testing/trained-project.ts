/** @file A project with a small model that was trained on tiny images: something to attribute and to evaluate in a test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunRequest, type Run } from '../src/contract/runs-service.ts';
import { RunQueue } from '../src/engine/runs/run-queue.ts';
import {
  createProjectFolder,
  openProjectFolder,
  type ProjectFolder,
} from '../src/engine/storage/project-folder.ts';
import { readRun } from '../src/engine/storage/runs.ts';
import { writeShapeFolder } from './write-shape-folder.ts';

export interface TrainedProject {
  readonly folder: ProjectFolder;
  readonly path: string;
  /** Does one run in a queue of its own and answers it as it ended. */
  run(request: unknown): Promise<Run>;
  remove(): void;
}

export interface TrainedProjectOptions {
  /** Images of the train split, and of the test split. */
  readonly train: number;
  readonly test: number;
  readonly classCount: number;
  readonly flippedShare?: number;
  /** Of the training run. */
  readonly config: Readonly<Record<string, unknown>>;
}

export async function makeTrainedProject(options: TrainedProjectOptions): Promise<TrainedProject> {
  const { train, test, classCount, flippedShare = 0, config } = options;
  const home = mkdtempSync(join(tmpdir(), 'whence-trained-'));
  const sourcePath = join(home, 'shapes');
  const shapes = { classCount, size: 16, flippedShare: 0 };
  await writeShapeFolder(join(sourcePath, 'train'), { ...shapes, count: train, seed: 1, flippedShare });
  await writeShapeFolder(join(sourcePath, 'test'), { ...shapes, count: test, seed: 2 });
  const path = join(home, 'shapes.whence');
  createProjectFolder(path).close();
  const folder = openProjectFolder(path);
  const run = async (request: unknown): Promise<Run> => {
    const queue = new RunQueue(path);
    const runId = queue.start(RunRequest.parse(request));
    await queue.idle();
    await queue.dispose();
    return readRun(folder.connection, runId);
  };
  await run({ kind: 'import', config: { sourcePath } });
  await run({ kind: 'train', config: { folds: 0, ...config } });
  return {
    folder,
    path,
    run,
    remove: () => {
      folder.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
