/** @file Doing the runs of a bundle again: in a project of their own, where nothing that was kept can be read instead. */
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { CaseCheck } from '../../contract/cases-service.ts';
import type { VerifiedPart } from '../../contract/reports-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { readCopySearch } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import { readGroupAttribution } from '../storage/groups.ts';
import { readQueryAttribution } from '../storage/queries.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { backUp } from '../storage/back-up.ts';
import { readRun } from '../storage/runs.ts';
import type { BundleFiles } from './bundle-zip.ts';
import { compareCopies, compareGroups, compareInfluence, type Comparison } from './compare-scores.ts';
import { readBundle } from './read-bundle.ts';
import { settledConfig } from './settled-config.ts';
import { checkBundle } from './verify-bundle.ts';

export interface PreparedRerun {
  /** To be removed by whoever asked for it. */
  readonly projectPath: string;
  /** As they are to be started. */
  readonly runs: Pick<Run, 'id' | 'kind' | 'config'>[];
}

/** Throws `bundle-unreadable`. */
export async function prepareRerun(
  { path, connection, modelsPath, queriesPath }: ProjectFolder,
  bundlePath: string,
): Promise<PreparedRerun> {
  const { config } = checkBundle(await readBundle(bundlePath));
  if (config === null)
    throw new AppError('bundle-unreadable', { path: bundlePath, reason: 'its config.json is damaged' });
  const projectPath = join(mkdtempSync(join(tmpdir(), 'whence-rerun-')), basename(path));
  backUp(connection, projectPath);
  for (const folder of [modelsPath, queriesPath])
    cpSync(folder, join(projectPath, basename(folder)), { recursive: true });
  const linked = config.runs.filter(({ check }) => check !== null);
  return { projectPath, runs: linked.map(({ id }) => repeatable(connection, id)) };
}

/** The project's own choices: a bundle's may hold code names. Scores are not written to a file another time. */
function repeatable(connection: Connection, runId: RunId): PreparedRerun['runs'][number] {
  const run = readRun(connection, runId);
  return { id: run.id, kind: run.kind, config: { ...settledConfig(connection, run), scoresPath: null } };
}

const tableOf = {
  copies: 'scores/copies.csv',
  influence: 'scores/influence.csv',
  groups: 'scores/groups.csv',
  removal: 'scores/groups.csv',
} as const satisfies Record<CaseCheck, string>;

export async function compareRerun(
  { connection }: ProjectFolder,
  path: string,
  runId: RunId,
  repeatedRunId: RunId,
): Promise<VerifiedPart> {
  const { files } = await readBundle(path);
  const { config } = checkBundle({ files, problems: [] });
  const check = config?.runs.find(({ id }) => id === runId)?.check ?? null;
  const name = `run ${runId}`;
  if (check === null)
    return { kind: 'rerun', name, result: 'not-checked', detail: 'The bundle has no figures of this run.' };
  const { status } = readRun(connection, repeatedRunId);
  if (status !== 'finished')
    return { kind: 'rerun', name, result: 'not-checked', detail: `It did not finish: ${status}.` };
  const { holds, detail } = compareWith(
    connection,
    check,
    tableText(files, tableOf[check]),
    runId,
    repeatedRunId,
  );
  return { kind: 'rerun', name, result: holds ? 'pass' : 'changed', detail };
}

function compareWith(
  connection: Connection,
  check: CaseCheck,
  table: string,
  runId: RunId,
  repeated: RunId,
): Comparison {
  if (check === 'copies') return compareCopies(table, runId, readCopySearch(connection, repeated));
  if (check === 'influence') {
    const attribution = readQueryAttribution(connection, repeated);
    return attribution === null
      ? { holds: false, detail: 'It found nothing.' }
      : compareInfluence(table, runId, attribution);
  }
  return compareGroups(table, runId, readGroupAttribution(connection, repeated));
}

function tableText(files: BundleFiles, name: string): string {
  return Buffer.from(files.get(name) ?? new Uint8Array()).toString('utf8');
}
