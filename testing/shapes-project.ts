/** @file A project into which tiny images of a few classes were imported, and a way to do runs in it. */
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

export interface ShapesProject {
  readonly folder: ProjectFolder;
  readonly path: string;
  /** The images lie here, in a folder for each split. */
  readonly sourcePath: string;
  /** Does one run in a queue of its own and answers it as it ended. */
  run(request: unknown): Promise<Run>;
  remove(): void;
}

export interface ShapesProjectOptions {
  /** Images of the train split, and of the test split. */
  readonly train: number;
  readonly test: number;
  readonly classCount: number;
  readonly size?: number;
  readonly flippedShare?: number;
  /** Changes the images before they are imported. */
  readonly change?: (sourcePath: string) => void | Promise<void>;
}

export async function makeShapesProject(options: ShapesProjectOptions): Promise<ShapesProject> {
  const { train, test, classCount, size = 16, flippedShare = 0, change } = options;
  const home = mkdtempSync(join(tmpdir(), 'whence-shapes-'));
  const sourcePath = join(home, 'shapes');
  const shapes = { classCount, size, flippedShare: 0 };
  await writeShapeFolder(join(sourcePath, 'train'), { ...shapes, count: train, seed: 1, flippedShare });
  await writeShapeFolder(join(sourcePath, 'test'), { ...shapes, count: test, seed: 2 });
  await change?.(sourcePath);
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
  return {
    ...{ folder, path, sourcePath, run },
    remove: () => {
      folder.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
