/** @file A project with synthetic samples in its database (no image files), in a folder that is removed again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../src/core/base/random.ts';
import type { ClassId, ModelId, RunId, SampleId, Split } from '../src/contract/vocabulary.ts';
import { ensureClass } from '../src/engine/storage/classes.ts';
import { transact } from '../src/engine/storage/connection.ts';
import { createProjectFolder, type ProjectFolder } from '../src/engine/storage/project-folder.ts';

export interface ProjectFixtureOptions {
  readonly sampleCount?: number;
  readonly classNames?: readonly string[];
  /** Share of the samples without a label. */
  readonly unlabelledShare?: number;
  readonly missingShare?: number;
  readonly seed?: number;
}

export interface ProjectFixture {
  readonly folder: ProjectFolder;
  readonly classIds: readonly ClassId[];
  /** In the order of import, which is the order of ids. */
  readonly sampleIds: readonly SampleId[];
  /** Closes the project and removes its folder. */
  remove(): void;
}

/** Makes a project of `sampleCount` samples with seeded labels, splits and paths like 'train/coat/000012.png'. */
export function makeProjectFixture(options: ProjectFixtureOptions = {}): ProjectFixture {
  const home = mkdtempSync(join(tmpdir(), 'whence-fixture-'));
  const folder = createProjectFolder(join(home, 'fixture.whence'));
  const names = options.classNames ?? ['coat', 'dress', 'shirt'];
  const classIds = names.map((name) => ensureClass(folder.connection, name));
  const sampleIds = insertSamples(folder, classIds, names, options);
  return {
    folder,
    classIds,
    sampleIds,
    remove: () => {
      folder.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function insertSamples(
  { connection, path }: ProjectFolder,
  classIds: readonly ClassId[],
  names: readonly string[],
  { sampleCount = 30, unlabelledShare = 0, missingShare = 0, seed = 1 }: ProjectFixtureOptions,
): SampleId[] {
  const random = new Random(seed, 'project-fixture');
  const importedAt = '2026-01-01T00:00:00.000Z';
  return transact(connection, () => {
    connection
      .prepare(
        "INSERT INTO sources (id, kind, path, root, importedAt) VALUES (1, 'split-class-folders', ?, ?, ?)",
      )
      .run(join(path, '..', 'images'), join(path, '..', 'images'), importedAt);
    const insert = connection.prepare(
      `INSERT INTO samples (sourceId, path, sha256, bytes, modifiedMs, format, width, height, channels, split,
                            givenLabel, label, missing, importedAt)
       VALUES (1, @path, @sha256, 1000, 0, 'png', 28, 28, 1, @split, @label, @label, @missing, @importedAt)`,
    );
    return Array.from({ length: sampleCount }, (_, index) => {
      const classIndex = random.integer(classIds.length);
      const split: Split = (['train', 'train', 'train', 'val', 'test'] as const)[random.integer(5)]!;
      const number = String(index).padStart(6, '0');
      return insert.run({
        path: `${split}/${names[classIndex]!}/${number}.png`,
        sha256: number.padStart(64, 'a'),
        split,
        label: random.uniform() < unlabelledShare ? null : classIds[classIndex]!,
        missing: random.uniform() < missingShare ? 1 : 0,
        importedAt,
      }).lastInsertRowid as SampleId;
    });
  });
}

/** Puts a finished training run and its model into the project, for rows that must refer to one. */
export function insertModel(fixture: ProjectFixture): { runId: RunId; modelId: ModelId } {
  const { connection } = fixture.folder;
  const at = '2026-01-02T00:00:00.000Z';
  const runId = connection
    .prepare("INSERT INTO runs (kind, status, config, createdAt) VALUES ('train', 'finished', '{}', ?)")
    .run(at).lastInsertRowid as RunId;
  const modelId = connection
    .prepare(
      `INSERT INTO models (runId, name, architecture, parameterCount, imageSize, channels, classIds, normalization,
                           artifact, dataHash, trainCount, createdAt)
       VALUES (?, 'linear 1', 'linear', 10, 28, 1, ?, '{"mean":[0],"deviation":[1]}', 'models/1', 'hash', 1, ?)`,
    )
    .run(runId, JSON.stringify(fixture.classIds), at).lastInsertRowid as ModelId;
  return { runId, modelId };
}
