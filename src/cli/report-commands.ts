/** @file `whence case report` and `whence verify`: reports of cases, written, and checked years later. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../core/base/app-error.ts';
import type { Verification, VerifiedPart } from '../contract/reports-service.ts';
import type { Run, RunRequest } from '../contract/runs-service.ts';
import { CaseId } from '../contract/vocabulary.ts';
import { createOutput, formatFigure, formatTable, type Output, type Streams } from './output.ts';
import { parseId } from './parse-id.ts';
import { projectCommand } from './project-command.ts';
import { withProject } from './run-commands.ts';
import type { RunOptions } from './run-options.ts';
import { openSession, type Session } from './session.ts';
import { Unsuccessful } from './unsuccessful.ts';

interface ReportOptions extends RunOptions {
  readonly html?: string;
  readonly bundle?: string;
  readonly pdf?: string;
  readonly sign: boolean;
  readonly key?: string;
}

interface VerifyOptions {
  readonly project?: string;
  readonly rerun: boolean;
  readonly json: boolean;
}

export function addReportCommands(program: Command, streams: Streams): void {
  const cases = program.commands.find((command) => command.name() === 'case')!;
  addReport(cases, streams);
  program
    .command('verify')
    .description(
      'Check a bundle that a report was written as: every file, every event, the signature; with a project, also its images, models and events. Ends with the code 1 where something does not pass.',
    )
    .argument('<bundle>', 'the zip')
    .option('--project <folder>', 'also check that this project still holds what the bundle says')
    .option('--rerun', 'also do the runs of the case again, in a project of their own, and compare', false)
    .option('--json', 'answer with one JSON document on standard output', false)
    .action((bundle: string, options: VerifyOptions) => verify(streams, bundle, options));
}

function addReport(parent: Command, streams: Streams): void {
  projectCommand(
    parent,
    'report',
    'Write the report of a case: one HTML file, or a bundle with all that it rests on.',
  )
    .argument('<case>', 'number of the case', parseId)
    .option('--html <file.html>', 'write one HTML file, which opens anywhere without a network')
    .option(
      '--bundle <file.zip>',
      'write a bundle: the report, configurations, scores, the manifest, events, exhibits and hashes',
    )
    .option('--pdf <file.pdf>', 'of the desktop app alone, which prints it; says what to do instead')
    .option('--sign', 'sign the bundle with this machine’s key, which is made where there is none', false)
    .option('--key <file.json>', 'where the key to the code names is written, of a case that uses them')
    .action((number: number, options: ReportOptions) => writeReports(streams, number, options));
}

function writeReports(streams: Streams, number: number, options: ReportOptions): Promise<void> {
  const { html, bundle, pdf, sign, key } = options;
  if (html === undefined && bundle === undefined && pdf === undefined)
    throw new AppError('usage-invalid', {
      reason: 'Say what to write: --html FILE or --bundle FILE, or both',
    });
  return withProject(streams, options, null, async ({ client }, output) => {
    const caseId = CaseId.parse(number);
    const keyPath = key === undefined ? null : path.resolve(key);
    const written = [];
    if (pdf !== undefined)
      written.push(await client.reports.write({ caseId, form: 'pdf', path: path.resolve(pdf), keyPath }));
    if (html !== undefined)
      written.push(await client.reports.write({ caseId, form: 'html', path: path.resolve(html), keyPath }));
    if (bundle !== undefined)
      written.push(
        await client.reports.write({ caseId, form: 'bundle', path: path.resolve(bundle), sign, keyPath }),
      );
    const lines = written.map(
      ({ path: file, bytes, sha256, draft }) =>
        `${draft ? 'Draft written' : 'Written'} to ${file}, ${formatFigure(bytes)} bytes, SHA-256 ${sha256}`,
    );
    output.answer({ written }, lines.join('\n'));
  });
}

async function verify(streams: Streams, bundle: string, options: VerifyOptions): Promise<void> {
  const { project, rerun } = options;
  if (rerun && project === undefined)
    throw new AppError('usage-invalid', {
      reason: '--rerun needs --project: that is where the images and the model are',
    });
  const session = openSession();
  const output = createOutput(streams, options.json);
  const file = path.resolve(bundle);
  try {
    if (project !== undefined) await session.client.projects.open({ path: path.resolve(project) });
    const checked = await session.client.reports.verify({ path: file, withProject: project !== undefined });
    const repeated = rerun ? await repeatRuns(session, output, file) : [];
    const parts = [...checked.parts, ...repeated];
    const verification = {
      ...checked,
      parts,
      passed: checked.passed && repeated.every(({ result }) => result === 'pass'),
    };
    output.answer({ verification }, describe(verification));
    if (!verification.passed) throw new Unsuccessful();
  } finally {
    await session.close();
  }
}

/** Each run of the bundle once more, in a project of its own that is thrown away. */
async function repeatRuns(session: Session, output: Output, bundle: string): Promise<VerifiedPart[]> {
  const { client } = session;
  const { projectPath, runs } = await client.reports.prepareRerun({ path: bundle });
  try {
    await client.projects.open({ path: projectPath });
    const parts: VerifiedPart[] = [];
    for (const run of runs) parts.push(await repeatRun(session, output, bundle, run));
    return parts;
  } finally {
    await client.projects.close();
    await client.projects.forget({ path: projectPath });
    rmSync(path.dirname(projectPath), { recursive: true, force: true });
  }
}

async function repeatRun(
  session: Session,
  output: Output,
  path: string,
  { id: runId, kind, config }: Pick<Run, 'id' | 'kind' | 'config'>,
): Promise<VerifiedPart> {
  const request = { kind, config } as unknown as RunRequest;
  const { id } = await session.run(request, (progress) => output.progress(progress));
  return session.client.reports.compareRerun({ path, runId, repeatedRunId: id });
}

function describe({ caseName, writtenAt, signedBy, passed, parts }: Verification): string {
  const rows = parts.map(({ result, kind, name, detail }) => [result, kind, name, detail]);
  const head = [
    `Case: ${caseName === '' ? 'not readable' : caseName}, written ${writtenAt === '' ? 'at an unknown time' : writtenAt}`,
    signedBy === null ? 'No signature that holds' : `Signed by the key ${signedBy}`,
  ];
  return [
    ...head,
    formatTable([['result', 'what', 'name', 'detail'], ...rows]),
    passed ? 'Passed.' : 'NOT passed.',
  ].join('\n');
}
