/** @file Commands that do one run in the foreground: progress on standard error, the finished run as the answer. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../core/base/app-error.ts';
import type { SourceChoices } from '../contract/imports-service.ts';
import type { Run, RunRequest } from '../contract/runs-service.ts';
import { RunId } from '../contract/vocabulary.ts';
import { createOutput, formatFigure, formatTable, type Output, type Streams } from './output.ts';
import type { RunOptions } from './run-options.ts';
import { openSession, type Session } from './session.ts';

/** What a command adds to the answer after its run: a JSON part and its readable form. */
export interface Addition {
  readonly document: Readonly<Record<string, unknown>>;
  readonly text: string;
}

interface RunCommandSettings {
  /** Make the project where there is none, to import this. */
  readonly source?: SourceChoices;
  readonly then?: (session: Session, run: Run) => Promise<Addition>;
}

export async function runCommand(
  streams: Streams,
  options: RunOptions,
  request: RunRequest | ((session: Session) => Promise<RunRequest>),
  settings: RunCommandSettings = {},
): Promise<void> {
  await withProject(streams, options, settings.source ?? null, async (session, output) => {
    const asked = typeof request === 'function' ? await request(session) : request;
    const run = await session.run(asked, (progress) => output.progress(progress));
    await answerRun(session, output, run, settings.then);
  });
}

export async function resumeRun(streams: Streams, options: RunOptions, runNumber: number): Promise<void> {
  await withProject(streams, options, null, async (session, output) => {
    const runId = await session.client.runs.resume({ runId: RunId.parse(runNumber) });
    await followRun(session, output, runId);
  });
}

/** Waits for a run that is under way and answers it. */
export async function followRun(session: Session, output: Output, runId: RunId): Promise<void> {
  await answerRun(session, output, await session.follow(runId, (progress) => output.progress(progress)));
}

/** Opens the project for one command and always closes it again. A project that has to be made first is made for `source`. */
export async function withProject(
  streams: Streams,
  options: RunOptions,
  source: SourceChoices | null,
  work: (session: Session, output: Output) => Promise<void>,
): Promise<void> {
  const projectPath = path.resolve(options.project);
  const session = openSession();
  try {
    if (source !== null && !existsSync(projectPath)) {
      // Looked at first, so that a source with nothing to import leaves no empty project behind.
      const { imageCount } = await session.client.imports.inspect(source);
      if (imageCount === 0) throw new AppError('source-no-images', { path: source.sourcePath });
      await session.client.projects.create({ path: projectPath });
    } else await session.client.projects.open({ path: projectPath });
    await work(session, createOutput(streams, options.json));
  } finally {
    await session.close();
  }
}

async function answerRun(
  session: Session,
  output: Output,
  run: Run,
  then?: (session: Session, run: Run) => Promise<Addition>,
): Promise<void> {
  if (run.status !== 'finished') throw endedEarly(run);
  for (const note of run.notes) output.note(note);
  const addition = (await then?.(session, run)) ?? null;
  const rows = Object.entries(run.summary).map(([name, value]) => [
    name,
    typeof value === 'number' ? formatFigure(value) : String(value),
  ]);
  const text = [
    `${run.kind}: run ${run.id} finished${run.provider === null ? '' : ` on ${run.provider}`}`,
    formatTable([['figure', 'value'], ...rows]),
    addition?.text ?? '',
  ];
  output.answer({ run, ...addition?.document }, text.filter((part) => part !== '').join('\n'));
}

/** What to tell of a run that did not finish. */
export function endedEarly({ id: runId, status, error }: Run): AppError {
  if (error === null) return new AppError('run-stopped', { runId, status });
  return new AppError('run-failed', { runId, reason: error.message, cause: error.code });
}
