/** @file Reads from a project what a report of a case is made of. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join, sep } from 'node:path';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { CaseFile } from '../../contract/cases-service.ts';
import type { Model } from '../../contract/models-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { softwareVersions } from '../runs/versions.ts';
import { sqliteVersion } from '../storage/connection.ts';
import { listModels, readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readQueries } from '../storage/queries.ts';
import { readRun, readRunProvenance } from '../storage/runs.ts';
import { listTrainingImages, listTrainingSources } from '../storage/training-images.ts';
import { drawPictures } from './draw-pictures.ts';
import { settledConfig } from './settled-config.ts';
import type { HashedFile, ModelMaterial, ReportMaterials, RunMaterial } from './report-materials.ts';

export async function gatherMaterials(
  folder: ProjectFolder,
  caseFile: CaseFile,
  signal?: CancelSignal,
): Promise<ReportMaterials> {
  const { connection } = folder;
  const queries = caseFile.queryIds.length === 0 ? [] : readQueries(connection, caseFile.queryIds);
  const models = listModels(connection)
    .filter(({ id }) => caseFile.modelIds.includes(id))
    .sort((a, b) => a.id - b.id);
  const hashed: ModelMaterial[] = [];
  for (const model of models) hashed.push(await modelMaterial(folder, model, signal));
  const making = [
    ...models.map(({ runId }) => runId),
    ...queries.flatMap(({ runId }) => (runId === null ? [] : [runId])),
  ];
  return {
    projectName: folder.name,
    queries: queries.map(({ file: _file, place: _place, ...query }) => query),
    models: hashed,
    runs: runMaterials(folder, caseFile, making),
    images: listTrainingImages(connection),
    sources: listTrainingSources(connection),
    environment: describeEnvironment(),
    pictures: await drawPictures(folder, caseFile, signal),
  };
}

/** Runs of the case, and those that made its models and its queries; each once, oldest first. */
function runMaterials(
  { connection }: ProjectFolder,
  { runs }: CaseFile,
  making: readonly RunId[],
): RunMaterial[] {
  const checks = new Map(runs.map(({ runId, check }) => [runId, check]));
  const ids = [...new Set([...making, ...checks.keys()])].sort((a, b) => a - b);
  return ids.map((id) => {
    const run = readRun(connection, id);
    const { kind, status, provider, notes, summary, createdAt, finishedAt } = run;
    const config = settledConfig(connection, run);
    const { versions = {}, dataHash = null } = readRunProvenance(connection, id);
    return {
      ...{
        id,
        check: checks.get(id) ?? null,
        kind,
        status,
        config,
        provider,
        notes,
        summary,
        createdAt,
        finishedAt,
      },
      ...{ versions, dataHash },
    };
  });
}

async function modelMaterial(
  folder: ProjectFolder,
  model: Model,
  signal?: CancelSignal,
): Promise<ModelMaterial> {
  const { artifact, dataHash } = readModel(folder.connection, model.id, model.task);
  const { id, name, task, origin, architecture, parameterCount, trainCount, createdAt, runId } = model;
  const paths = [...filesBelow(folder.path, artifact), ...filesNamedBy(folder, runId)];
  const files: HashedFile[] = [];
  for (const path of new Set(paths)) files.push(await hashFile(folder.path, path, signal));
  return {
    id,
    name,
    task,
    origin,
    architecture,
    parameterCount,
    trainCount,
    createdAt,
    runId,
    dataHash,
    files,
  };
}

/** In the order of their paths, which are relative to the project and have '/' between folders. */
function filesBelow(projectPath: string, artifact: string): string[] {
  const root = join(projectPath, artifact);
  if (!existsSync(root)) return [artifact];
  if (!statSync(root).isDirectory()) return [artifact];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((entry) => statSync(join(root, entry)).isFile() && !entry.endsWith('.partial'))
    .map((entry) => [artifact, ...entry.split(sep)].join('/'))
    .sort();
}

/** Files that were brought: the run that made the model of them names them. */
function filesNamedBy(folder: ProjectFolder, runId: RunId): string[] {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(readRun(folder.connection, runId).config);
  return texts.filter((text) => text.startsWith('models/')).sort();
}

/** By its content; a file that is gone has none. */
export async function hashFile(
  projectPath: string,
  path: string,
  signal?: CancelSignal,
): Promise<HashedFile> {
  const file = join(projectPath, path);
  if (!existsSync(file) || !statSync(file).isFile()) return { path, bytes: 0, sha256: null };
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) {
    throwIfCancelled(signal);
    hash.update(piece as Buffer);
    bytes += (piece as Buffer).length;
  }
  return { path, bytes, sha256: hash.digest('hex') };
}

/** What does not change while the machine stays as it is. */
function describeEnvironment(): Record<string, string> {
  return {
    ...softwareVersions(),
    sqlite: sqliteVersion(),
    platform: `${type()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? arch(),
    cores: String(availableParallelism()),
    'memory in MiB': String(Math.round(totalmem() / 2 ** 20)),
  };
}
